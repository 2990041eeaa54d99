/** @file What the command line says, in Chinese. */
import type { Messages } from './en.js';

export const zh: Messages = {
  common: {
    seconds: (seconds) => `${seconds} 秒`,
    minutes: (minutes, seconds) => `${minutes} 分 ${seconds} 秒`,
    hours: (hours, minutes) => `${hours} 小时 ${minutes} 分`,
    bytes: (bytes) => `${bytes} 字节`,
    counted: (what, done, total) => `${what}：${done} / ${total}`,
    warning: (text) => `警告：${text}`,
    loss: '损失',
    perplexity: '困惑度',
    accuracy: '准确率',
    step: (step) => `第 ${step} 步`,
    report: (file) => `报告：${file}`,
    predictions: (file) => `预测：${file}`,
    exactly: (label, share) => `总是 ${label}：准确率 ${share}`,
    belowMajority: '准确率低于此值：不如总取最常见的标签。',
  },
  help: {
    methods: (names) =>
      `以上列出了 ${names.join(' 和 ')} 的选项。其他方法见 promptune train --method NAME --help。`,
    afterError: (command) => `（${command} --help 显示全部选项）`,
    error: (message) => inChinese(message, usageErrors),
  },
  progress: {
    tokenizer: '训练分词器',
    data: '读取数据',
    training: '训练',
    model: '只用模型',
    adapter: '使用适配器',
    head: '使用头',
    other: (name) => `使用 ${name}`,
    labeling: '打标签',
    works: (done, total, timeLeft) => `完成 ${done} / ${total}${timeLeft}`,
    timeLeft: (duration) => `，约剩 ${duration}`,
    starting: '启动',
    stages: { data: '读取数据', tokenizer: '训练分词器', training: '训练', scoring: '评分' },
    part: (stage, done, total) => `${stage} ${done} / ${total}`,
  },
  training: {
    figures: (loss, speed, left) => `损失 ${loss}  ${speed} token/秒  剩余 ${left}`,
    step: (step, total, figures) => `第 ${step}/${total} 步  ${figures}`,
    what: (method, model, parameters, initialization) =>
      `在 ${model} 上训练 ${method}：${parameters} 个可训练参数，初始值来自 ${initialization}`,
    recognized: (shape) => `数据形式：${shape}`,
    examples: (count) => `${count} 个样本`,
    truncated: (count) => `其中 ${count} 个被截断`,
    dropped: (count) => `另有 ${count} 个过长而略去`,
    validation: (count) => `${count} 个用于验证`,
    steps: (data, steps, perEpoch) => `${data.join('，')}：共 ${steps} 步，每轮 ${perEpoch} 步`,
    states: (size, place, saved) => {
      const where = place === 'memory' ? '内存' : '运行的文件夹';
      const saving = saved > 0 ? `，第一轮之后每步节省 ${saved} %` : '';
      return `冻结层的隐藏状态：在${where}中保留至多 ${size}${saving}`;
    },
    memory: (size, weights) => `预计内存：${size}，另加 ${weights} 的权重（留在文件中）`,
    time: (duration, steps) => `时间：其余 ${steps} 步约需 ${duration}`,
    resuming: (step, total) => `从第 ${step} 步（共 ${total} 步）之后继续`,
    allDone: (total) => `全部 ${total} 步均已完成`,
    sampled: (step, prompt, text) => `第 ${step} 步：${prompt} 续写为 ${text}`,
    validated: (step, loss, accuracy, isBest) =>
      `第 ${step} 步：验证损失 ${loss}${accuracy === undefined ? '' : `，准确率 ${accuracy}`}` +
      (isBest ? '，目前最佳' : ''),
    trial: (number, count, options, loss, steps) =>
      `试验 ${number}/${count}：${options}：${steps} 步后${loss === undefined ? '发散' : `验证损失 ${loss}`}`,
    stopping: '正在停止。再按一次 Ctrl-C 立即结束，上一个检查点之后的步骤将丢失。',
    stopped: (step, command) => `在第 ${step} 步之后停止。恢复：${command}`,
    bestAt: (loss, step) => `最佳验证损失 ${loss}，第 ${step} 步`,
    afterStep: (step) => `第 ${step} 步之后`,
    done: (which, stoppedEarly, path) =>
      `完成（${which}${stoppedEarly ? '，提前停止' : ''}）。结果在 ${path}`,
    tryIt: (command) => `试一试：${command}`,
  },
  evaluation: {
    data: (path, examples, truncated, dropped, shape) =>
      `${path}：${examples} 个样本${truncated > 0 ? `（${truncated} 个被截断）` : ''}` +
      (dropped > 0 ? `（另有 ${dropped} 个过长而略去）` : '') +
      (shape === undefined ? '' : `，数据形式：${shape}`),
    labelTokens: (count) => `，${count} 个标签 token`,
    labels: (count) => `，${count} 个标签`,
    withAdapter: '使用适配器',
    withoutIt: '不使用',
    theModel: '模型',
    headScores: (loss, findsAnswers, accuracy) =>
      `损失 ${loss}，${findsAnswers ? '完全正确的答案' : '准确率'} ${accuracy}`,
    precisions: ['精度', '损失', '困惑度', '', '权重', '私有内存', '加载', '评测'],
    scored: (path, count) => `${path}：${count} 个样本（方括号内为各行的 95 % 区间）`,
    score: '得分',
    difference: '差',
    correct: (accuracy, correct, total) => `准确率 ${accuracy}（${total} 个中 ${correct} 个正确）`,
    answerAt: (score, start) => `（${score}，位置 ${start}）`,
  },
  benchmark: {
    majority: (label, share, rows) => `总是 ${label}：${rows} 行中的 ${share} %。`,
    headings: {
      prompt: '提示',
      accuracy: '准确率',
      tokens: 'token 数',
      ms: '毫秒',
      size: '大小',
      'made in': '用时',
    },
    advice: (text) => text,
  },
  compare: {
    rows: (count) => `同一数据的 ${count} 行；差：第二个减第一个，附 95 % 区间`,
    lost: (id, note) => `${id}：丢失（${note}）；将重新计算`,
    failed: (id, message) => `${id}：失败：${message}`,
    kept: '（已有）',
    stopped: (command) => `已停止。用同一命令恢复：${command}`,
    part: (number, of, cells, url) => `第 ${number} 份，共 ${of} 份：${cells} 个单元在 ${url}`,
    gather: '各份都完成后，不带 --part 的同一命令生成表格',
    output: (folder) => `表格、全部结果和带图表的报告在 ${folder}`,
    someFailed: (failed, total) => `${total} 个单元中 ${failed} 个失败：`,
    again: '同一命令会重新计算它们',
  },
  inspect: {
    notShown: (note) => `未显示最近的 token；用 --model 指定模型即可显示。${note}`,
    model: (name) => `模型：${name}`,
    rows: (name, rows) => `${name}（${rows} 行）`,
    trained: (steps, examples, sources) => `训练：${steps} 步，${sources.join('、')} 中的 ${examples} 个样本`,
    validation: (loss, accuracy, examples) =>
      `验证：${examples} 个样本，损失 ${loss}${accuracy === undefined ? '' : `，准确率 ${accuracy}`}`,
    chat: '提示：按模型的对话格式渲染的消息',
    template: (template) => `提示：${template}`,
    labels: (names) => `标签：${names.join('、')}`,
    size: (folder, kind, parameters, size) => `${folder}：${kind}，${parameters} 个参数，${size}`,
    cannotBeLoaded: (problem) => `  无法加载：${problem}`,
    inLayers: (tensor, count) => `${tensor}，共 ${count} 层`,
    nearest: '最近的 token（嵌入的余弦相似度）：',
    token: (place, length, list) => `  ${place}  长度 ${length}  ${list}`,
    more: (count) => `  ……还有 ${count} 个；--full 显示全部`,
  },
  runs: {
    columns: ['运行', '方法', '状态', '步数', '损失', '最佳验证', '时间'],
    note: '备注',
    states: {
      done: '完成',
      running: '运行中',
      stopped: '已停止',
      interrupted: '中断',
      'stopped early': '提前停止',
    },
    stays: (folder, left) => `${folder} 保留，因为其中还有 ${left.join('、')}`,
    loss: '损失',
    validationLoss: '验证损失',
  },
  serve: {
    finishing: '正在完成进行中的请求；再按一次立即结束。',
    serving: (models, url) => `正在提供 ${models.join('、')}，地址 ${url}`,
    owner: (url) => `管理端口在 ${url}`,
    refused: (id, reason) => `${id} 无法提供：${reason}`,
    loaded: (id) => `${id} 开始提供`,
    unloaded: (id) => `${id} 不再提供`,
  },
  studio: {
    stopping: '正在停止任务，已学到的内容会保留；再按一次立即结束。',
    open: (model, folder, url) => `工作室（模型 ${model}，文件夹 ${folder}）在 ${url}`,
    written: (folder) => `工作室的网页已写入 ${folder}，任何静态文件服务器都能提供：npx serve ${folder}`,
  },
  quickstart: {
    begin: (model, rows, first, second) =>
      `训练一个软提示：放在每段文本之前的 20 个向量。模型（${model}）保持冻结，
只有这些向量改变，直到模型认为关于猫的描述很可能出现。它会看到 ${rows} 段描述，例如
   ${first}
   ${second}
`,
    step: (step, steps, loss) => `第 ${step} 步，共 ${steps} 步，损失 ${loss}`,
    same: '\n同样的开头，不用软提示与使用软提示：\n',
    without: '不用',
    with: '使用',
    next: (adapter) => `软提示在 ${adapter}，PEFT 也能加载它。接下来可以：`,
    prompt: '一只聪明的猫',
  },
  files: {
    merged: (output, model, method) => `${output}：并入 ${method} 的 ${model}`,
    lora: (output) => `${output}：LoRA，llama.cpp 用 --lora 加载`,
    prefix: (count, output) => `每层 ${count} 个键和值在 ${output}`,
  },
};

type Patterns = readonly (readonly [RegExp, string])[];

const inChinese = (text: string, patterns: Patterns): string =>
  patterns.reduce((said, [from, to]) => said.replace(from, to), text);

/** Messages of commander about a command line, and what they are in Chinese. */
const usageErrors: Patterns = [
  [/^error: /, '错误：'],
  [/unknown option ('[^']*')/, '未知的选项 $1'],
  [/unknown command ('[^']*')/, '未知的命令 $1'],
  [/option ('[^']*') argument missing/, '选项 $1 缺少参数'],
  [/missing required argument ('[^']*')/, '缺少参数 $1'],
  [/required option ('[^']*') not specified/, '缺少选项 $1'],
  [/option ('[^']*') argument ('[^']*') is invalid\./, '选项 $1 的参数 $2 无效。'],
  [/option ('[^']*') cannot be used with option ('[^']*')/, '选项 $1 不能与选项 $2 一起使用'],
  [/Allowed choices are ([^\n]*)\./, '可选：$1。'],
  [/\(Did you mean ([^\n]*)\?\)/, '（是否想用 $1？）'],
  [/\(Put a flag before it: (.*)\.\)/, '（请在它前面加上标志：$1。）'],
  [/\(Leave out (\S*): its value is an argument\.\)/, '（去掉 $1：它的值是参数。）'],
  [
    /too many arguments(?: for ('[^']*'))?\. Expected (\d+) arguments? but got (\d+)\./,
    '参数过多：应为 $2 个，得到 $3 个。',
  ],
];
