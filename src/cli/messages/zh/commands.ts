/** @file What the commands print, in Chinese. */
import type { Sentences } from '../../../say.js';

export const commands: Sentences = {
  'promptune: {0}': 'promptune：{0}',
  'Warning: {0}': '警告：{0}',
  'the standard output cannot be written: {0}': '无法写入标准输出：{0}',
  'read as {0}': '数据形式：{0}',
  'loss {0}': '损失 {0}',
  'step {0}': '第 {0} 步',
  perplexity: '困惑度',

  // Values of flags.
  'Expected an integer, such as 8.': '应为整数，例如 8。',
  'Expected an integer from 1.': '应为从 1 起的整数。',
  'Expected K/N with K from 1 to N, such as 3/100.': '应为 K/N，K 从 1 到 N，例如 3/100。',
  'Expected a number, such as 0.5.': '应为数，例如 0.5。',
  'Expected a label and its words, such as 1=great,good.': '应为标签及其词，例如 1=great,good。',
  'Expected comma-separated names.': '应为用逗号分隔的名字。',
  'Expected comma-separated numbers.': '应为用逗号分隔的数。',
  'Expected one or more of {0}.': '应为下列之一或几个：{0}。',
  'Expected a time, such as 90s, 10m or 2h.': '应为时间，例如 90s、10m 或 2h。',
  'It is lora with --dtype q4.': '它就是 lora 加上 --dtype q4。',

  // chat
  '{0}; /help lists the commands.': '{0}；/help 列出命令。',
  'no adapter': '没有适配器',
  'In the conversation:': '在对话中：',
  '/adapter [folder]   switch the adapter, or use none without a folder; the conversation continues\n/system [text]      another system message, or none; starts again\n/reset              start again\n/help               this list\n/exit               leave; also Ctrl-D':
    '/adapter [文件夹]   更换适配器；不给文件夹则不用适配器；对话继续\n/system [文本]      换一条系统消息，或不用系统消息；重新开始\n/reset              重新开始\n/help               显示这份列表\n/exit               离开；也可按 Ctrl-D',

  // combine, merge
  'The average of {0} is in {1}': '{0} 的平均在 {1}',
  'The concatenation of {0} is in {1}': '{0} 前后相接的结果在 {1}',
  '{0}: {1} with {2} in {3} of its {4} tensors': '{0}：{2} 已并入 {1} 的 {4} 个张量中的 {3} 个',

  // data check
  '{0}: {1} row|rows, read as {2}': '{0}：{1} 行，数据形式：{2}',
  '{0}: {1} row|rows': '{0}：{1} 行',
  '{0} to {1}; half have at most {2}, 90 % {3}, 99 % {4}':
    '{0} 至 {1}；一半至多 {2}，90 % 至多 {3}，99 % 至多 {4}',
  'trained on': '参与训练',
  '{0} token|tokens': '{0} 个 token',
  'too long': '过长',
  '{0} truncated, {1} skipped, at {2} tokens': '以 {2} 个 token 为限：截断 {0} 行，略去 {1} 行',
  duplicates: '重复',
  leakage: '泄漏',
  '{0} row|rows is|are also in {1}, {2} shares|share a prompt with it':
    '{0} 行也在 {1} 中，{2} 行的提示与它的相同',
  labels: '标签',
  'empty fields': '空字段',
  faults: '错误',
  '{0} row|rows that training would refuse:': '{0} 行会被训练拒绝：',
  'example {0}': '样本 {0}',
  'and {0} more': '还有 {0} 个',

  // generate
  Generating: '生成',
  'Part {0} of {1}: {2} row|rows is|are in {3}': '第 {0} 份，共 {1} 份：{2} 行在 {3}',
  'When all parts are done, the same command without --part writes the file':
    '各份都完成后，不带 --part 的同一命令写出文件',
  '{0} row|rows is|are in {1}, {2} of them generated now': '{1} 中有 {0} 行，其中 {2} 行是这次生成的',

  // models
  family: '模型族',
  revision: '版本',
  'not usable': '不可用',
  'included in promptune': '随 promptune 提供',
  'a folder': '文件夹',
  'a GGUF file': 'GGUF 文件',
  'in the cache': '在缓存中',
  '{0}: {1}, {2}, {3}': '{0}：{1}，{2}，{3}',
  'commit {0}': '提交 {0}',
  '{0}: on the Hub ({1}), {2}': '{0}：在 Hub 上（{1}），{2}',
  ', of which {0} are cached': '，其中 {0} 已在缓存中',
  'would download {0}{1}': '将下载 {0}{1}',
  'of an unnamed family': '未注明模型族',

  // push
  '  README.md  generated as below, unless the repository has one': '  README.md  如下生成，除非仓库中已有',
  'Nothing was sent.': '没有发送任何内容。',
  'The private repository {0} is new.': '新建了私有仓库 {0}。',
  'The public repository {0} is new.': '新建了公开仓库 {0}。',
  ', generated': '，自动生成',
  'Not uploaded, because they are not files of an adapter: {0}': '以下不是适配器的文件，没有上传：{0}',
  'The adapter names its base model "{0}", which is not on the Hub by that name: give its name with --base-model, or state its origin in README.md.':
    '适配器记录的基座模型是 "{0}"，Hub 上没有这个名字：请用 --base-model 给出它的名字，或在 README.md 中说明来源。',

  // queue
  'Nothing failed': '没有失败的任务',
  '{0} job|jobs waits|wait again': '{0} 个任务重新等待',
  '{0} job|jobs removed': '已移除 {0} 个任务',
  'There are no queues': '没有队列',
  'No worker is connected': '没有工作进程连接',
  waiting: '等待',
  running: '运行中',
  lost: '丢失',
  failed: '失败',
  workers: '工作进程',
  'time left': '剩余时间',
  'about {0}': '约 {0}',
  worker: '工作进程',
  class: '类别',
  done: '完成',
  'at work on': '正在处理',
  for: '已用',

  // search
  'Stopping with the best text so far. Press Ctrl-C again to end at once.':
    '正在停止，保留目前最好的文本。再按一次 Ctrl-C 立即结束。',
  'Reading the data': '读取数据',
  'no prompt': '没有提示',
  '{0} ({1} token|tokens)': '{0}（{1} 个 token）',
  '{0} on {1}, from {2}': '在 {1} 上用 {0} 搜索，起点：{2}',
  '{0} example|examples, and {1} held out for comparison': '{0} 个样本，另留出 {1} 个用于比较',
  'step {0}: validation loss {1}': '第 {0} 步：验证损失 {1}',
  'step {0}: validation loss {1}, best so far: {2}': '第 {0} 步：验证损失 {1}，目前最佳：{2}',
  'the text that it started from': '作为起点的文本',
  'Nothing better was found than {0}.': '没有找到比{0}更好的。',
  'Found in step {0}: {1}': '在第 {0} 步找到：{1}',
  'token ids: {0}': 'token id：{0}',
  '({0} held-out label tokens)': '（留出数据的 {0} 个标签 token）',
  'the text found': '找到的文本',
  'the start': '起点',
  'The model does as well or better without a prompt.': '没有提示时，模型表现相同或更好。',
  'Use it: --template {0}': '使用：--template {0}',
  '   or: --init-text {0}, to train a soft prompt from it': '或者：--init-text {0}，从它开始训练软提示',

  // select
  'Trained on {0} row|rows; the best epoch on the validation rows is {1}:':
    '用 {0} 行训练；在验证行上最好的是第 {1} 轮：',
  'To use it: {0} --text "…"': '使用：{0} --text "…"',
  'Losses of {0}': '{0} 的损失',
  'epoch {0} of {1}  loss {2}  regret on the validation rows {3}':
    '第 {0} 轮，共 {1} 轮  损失 {2}  验证行上的遗憾 {3}',
  'best single candidate: {0}': '最好的单个候选：{0}',
  selector: '选择器',
  'best candidate per row': '每行最好的候选',
  chosen: '选中',
  best: '最好',
  '{0} row|rows, {1} label token|tokens; the best candidate was chosen for {2} %':
    '{0} 行，{1} 个标签 token；{2} % 的行选中了最好的候选',

  // worker
  Stopped: '已停止',
  'Nothing to do': '没有任务可做',
  'Done as much as was asked for': '已完成要求的任务数',
  'No work can be fetched although some waits': '有任务在等待，却无法取得',
  '{0}: failed: {1}': '{0}：失败：{1}',
  '{0}, {1}, {2}, threads: {3}': '{0}，{1}，{2}，线程数：{3}',
  'Working on {0} (class {1}: {2})': '正在处理 {0}（类别 {1}：{2}）',
  '{0}: begun, attempt {1}': '{0}：开始，第 {1} 次尝试',
  '{0}: begun': '{0}：开始',
  '{0}: goes on from step {1}': '{0}：从第 {1} 步继续',
  '{0}: was there already': '{0}：已有结果',
  '{0}: done, {1}': '{0}：完成，{1}',
  '{0}: given back': '{0}：已交还',
};
