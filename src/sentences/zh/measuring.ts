/** @file What the library says about evaluation, benchmarks, search and selection, in Chinese. */
import type { Sentences } from '../../say.js';

export const measuring: Sentences = {
  'Nothing is better than always saying {0} ({1}): this model does not know the task, or there are too few rows.':
    '没有什么优于总是回答 {0}（{1}）：模型不懂这项任务，或数据行太少。',
  'On these {0} rows, no learned prompt is reliably more accurate than "{1}"{2}.':
    '在这 {0} 行上，没有学习得到的提示可靠地优于 "{1}"{2}。',
  'On these {0} rows, no learned prompt is reliably better in {1} than "{2}"{3}.':
    '在这 {0} 行上，没有学习得到的提示的 {1} 可靠地高于 "{2}"{3}。',
  '; {0} {1}': '；{0} {1}',
  '{0} is {1} points better than "{2}", the best prompt of text (p {3}), and {4}.':
    '{0} 比最好的文本提示 "{2}" 高 {1} 个百分点（p {3}），{4}。',
  'reads {0} times fewer tokens per request': '每次请求读取的 token 只有其 1/{0}',
  'reads as many tokens per request': '每次请求读取同样多的 token',
  'reads {0} times as many tokens per request': '每次请求读取的 token 是其 {0} 倍',
  '"{0}" does not compare prompts by texts; take another, such as rouge-l':
    '"{0}" 不能用来按文本比较提示；请换一个，例如 rouge-l',
  'there are no rows to compare prompts on': '没有可用来比较提示的数据行',
  'the field "{0}" has {1} different values, and prompts are compared on rows with a label; name the field of the label, or compare generated texts by `metrics`, such as rouge-l':
    '字段 "{0}" 有 {1} 个不同的值，而比较提示需要带标签的数据行；请指明标签的字段，或用 `metrics`（例如 rouge-l）比较生成的文本',
  'there is no label in the field "{0}"': '字段 "{0}" 中没有标签',
  'conversations have their own prompts; leave the templates out': '对话自带提示；请去掉模板',
  'the adapter has no head to label texts; train one with taskType':
    '适配器没有给文本打标签的头；请用 taskType 训练一个',
  'bare texts': '纯文本',
  'texts with the fields {0}': '带有字段 {0} 的文本',
  'expected {0}, as the template is {1}': '应为{0}，因为模板是 {1}',
  '{0} needs a head for {1}, but that of the adapter is for {2}':
    '{0} 需要用于 {1} 的头，但适配器的头用于 {2}',
  'the head of the adapter has its own labels; leave the option out': '适配器的头自带标签；请去掉这个选项',
  'expected at least one': '至少需要一个',
  'the metric "{0}" compares texts, but labels are predicted; metrics for labels are {1}':
    '指标 "{0}" 比较文本，但预测的是标签；标签的指标有 {1}',
  'the metric "{0}" is for labels, but texts are generated; set labels, or use a metric for texts: {1}':
    '指标 "{0}" 用于标签，但生成的是文本；请设置 labels，或使用文本的指标：{1}',
  'expected two or more different labels, got {0}': '应为两个或更多不同的标签，得到 {0}',
  'only an adapter with a head, or a verbalizer, uses it; leave it out':
    '只有带头的适配器或 verbalizer 才用到它；请去掉',
  'loss: for a head, use evaluateLabels, or eval without metrics':
    'loss：对于头，请用 evaluateLabels，或不带指标的 eval',
  'labels are chosen by their likelihood as completions; leave the option out':
    '标签按它作为补全的可能性来选择；请去掉这个选项',
  'the record is one text without a separate prompt; set a template for the prompt and a completion template for the answer':
    '记录是一段没有单独提示的文本；请为提示设置模板，为回答设置补全模板',
  'the prompt is a conversation and the answer its last turn; leave out templates, reference field and labels':
    '提示是对话，回答是对话的最后一轮；请去掉模板、参考字段和标签',
  'reference {0} of the field {1} is {2}, expected a string':
    '字段 {1} 的第 {0} 个参考答案是 {2}，应为字符串',
  'there is no reference; add one or remove the record': '没有参考答案；请补上，或删除这条记录',
  'the reference': '参考答案',
  '{0} is empty; fill it in or remove the record': '{0} 为空；请填写，或删除这条记录',
  'the answer {0} is not one of the labels {1}': '答案 {0} 不在标签 {1} 之中',
  "the loss is {0}: look for NaN or very large values in the model's weights and in the adapter":
    '损失为 {0}：请检查模型的权重和适配器中是否有 NaN 或极大的值',
  "{0} has an encoder: set `encoderIds`, the encoder's input for each text":
    '{0} 有编码器：请设置 `encoderIds`，即每段文本的编码器输入',
  '{0} has no encoder; leave out `encoderIds`': '{0} 没有编码器；请去掉 `encoderIds`',
  'a text has {0} tokens, and {1} has positions for {2}': '一段文本有 {0} 个 token，而 {1} 只有 {2} 个位置',
  'the data set has no label token to evaluate': '数据集没有可评测的标签 token',
  "look for NaN or very large values in the model's weights and in the adapter":
    '请检查模型的权重和适配器中是否有 NaN 或极大的值',
  'the loss is {0}: {1}': '损失为 {0}：{1}',
  'a metric needs a name': '指标需要名字',
  '"{0}" is the name of two metrics; rename yours': '有两个指标叫 "{0}"；请给你的那个改名',
  'expected one of {0}': '应为下列之一：{0}',
  'did you mean "{0}"?': '是否想用 "{0}"？',
  '{0} is unknown; did you mean "{1}"?': '没有 {0}；是否想用 "{1}"？',
  '{0}, got {1}; did you mean "{2}"?': '{0}，得到 {1}；是否想用 "{2}"？',
  'expected one of {0}, got nothing': '应为下列之一：{0}，但没有给出',
  'there is no metric "{0}"; {1}': '没有指标 "{0}"；{1}',
  'the prompt is empty, and there is no learned prompt to predict a label from':
    '提示为空，也没有学习得到的提示可用来预测标签',
  "the losses of the labels are {0}: look for NaN or very large values in the model's weights and in the adapter":
    '各标签的损失为 {0}：请检查模型的权重和适配器中是否有 NaN 或极大的值',
  'there are no such metrics for a {0} head; eval without metrics reports loss and accuracy':
    '{0} 的头没有这样的指标；不带指标的 eval 报告损失和准确率',
  'expected a row of predictions, as an evaluation writes them: {0}: {1}': '应为评测写出的一行预测：{0}：{1}',
  'expected {0} row|rows as in {1}, found {2}; compare runs on the same data':
    '应与 {1} 同为 {0} 行，得到 {2} 行；请比较同一数据上的运行',
  'line {0}': '第 {0} 行',
  'its row of data differs from that line of {0}; compare runs on the same data':
    '它的数据行与 {0} 的同一行不同；请比较同一数据上的运行',
  '{0} has no scores to compare; name metrics': '{0} 没有可比较的得分；请指明指标',
  'the metric "{0}" compares texts, but the predictions are labels': '指标 "{0}" 比较文本，但预测是标签',
  'the metric "{0}" is for labels, but the predictions are texts': '指标 "{0}" 用于标签，但预测是文本',
  'the text has {0} tokens; at most {1} are shown': '文本有 {0} 个 token；最多显示 {1} 个',
  '{0} has no virtual tokens that a text attends to': '{0} 没有文本所关注的虚拟 token',
  "the adapter has no vectors in the space of the model's embeddings": '适配器没有处于模型嵌入空间的向量',
  'calibration needs the same examples for every input; choose them by seed, or leave one of the two out':
    '校准要求每个输入使用同样的示例；请按种子选取，或去掉其中一个',
  'expected the words of each label; the adapter notes none': '应给出每个标签的词；适配器没有记录',
  'it has {0} soft tokens, but the adapter has {1} for a template':
    '它有 {0} 个软 token，但适配器有 {1} 个供模板使用',
  'examples cannot be combined with soft tokens in the template, which each example would repeat':
    '示例不能与模板中的软 token 一起使用，否则每个示例都会重复它们',
  'the prompt is empty, so there is nothing to predict a label from': '提示为空，无从预测标签',
  'expected at least {0} example|examples, found {1}': '至少应有 {0} 个示例，得到 {1} 个',
  'it has a space, a line break or another character that no key has':
    '其中有空格、换行或密钥不会有的其他字符',
  'no answer within {0} s': '{0} 秒内没有回应',
  'it could not be reached ({0})': '无法访问（{0}）',
  '{0}: {1}; it asks to wait {2} s: try again then': '{0}：{1}；它要求等待 {2} 秒：请届时重试',
  'expected an address such as http://localhost:11434/v1, got "{0}"':
    '应为 http://localhost:11434/v1 这样的地址，得到 "{0}"',
  'the address contains a password; pass the key as apiKey': '地址中含有密码；请用 apiKey 传入密钥',
  '; check the key for this service': '；请检查此服务的密钥',
  '; check the address and the name of the model': '；请检查地址和模型的名字',
  ' ({0} attempts); try again later': '（尝试了 {0} 次）；请稍后再试',
  'expected JSON with choices[0].message.content, as of an OpenAI-compatible service':
    '应为带有 choices[0].message.content 的 JSON，如与 OpenAI 兼容的服务所返回',
  '{0}: {1}, got {2}': '{0}：{1}，得到 {2}',
  'required by method "{0}"': '方法 "{0}" 需要它',
  'not used by method "{0}"': '方法 "{0}" 用不到它',
  'a search finds text; remove {soft:…} from the template': '搜索的是文本；请从模板中去掉 {soft:…}',
  'the data set has no label token to learn from': '数据集没有可学习的标签 token',
  'only instructions that were tried or are too long': '只有试过的或过长的指令',
  'no instruction': '没有指令',
  "the model's answer has {0}: {1}": '模型的回答中{0}：{1}',
  '{0}, in each of {1} rounds in a row; use a more capable model':
    '{0}，连续 {1} 轮都是如此；请用能力更强的模型',
  "the loss is {0}: look for NaN or very large values in the model's weights":
    '损失为 {0}：请检查模型的权重中是否有 NaN 或极大的值',
  'characters "{0}": no token of this vocabulary consists of them; expected one of {1}':
    'characters "{0}"：词表中没有由它们组成的 token；应为下列之一：{1}',
  'no prompt of random tokens encodes to the same tokens as text':
    '没有哪个由随机 token 组成的提示写成文本后能编码回同样的 token',
  '{0}; set initText to start from': '{0}；请用 initText 给出起点',
  'the search for a text prompt': '文本提示的搜索',
  'the text {0} has no tokens to start from': '文本 {0} 没有可作为起点的 token',
  'numTokens is {0}, but initText has {1} tokens; raise it, or leave it out':
    'numTokens 为 {0}，但 initText 有 {1} 个 token；请调大，或去掉它',
  'it needs an adapter': '它需要适配器',
  'another candidate has the name {0} already': '已有另一个候选叫 {0}',
  'candidate {0}: task is {1}, but {2} has no tasks': '候选 {0}：task 为 {1}，但 {2} 没有任务',
  "epoch {0}: the selector's loss is {1}; use a learningRate below {2}":
    '第 {0} 轮：选择器的损失为 {1}；请用小于 {2} 的 learningRate',
  'the selection of prompts': '提示的选择',
  "candidate {0}: the loss of row {1} is {2}; look for NaN or very large values in the model's weights and in the candidate's adapter":
    '候选 {0}：第 {1} 行的损失为 {2}；请检查模型的权重和该候选的适配器中是否有 NaN 或极大的值',
  'candidate {0}: the prompt of row {1} has no token, so nothing of the row\'s input is given to the model; put a field into its template, such as "{text}"':
    '候选 {0}：第 {1} 行的提示没有 token，因此模型看不到该行的任何输入；请在模板中加入字段，例如 "{text}"',
  'expected the name of the input field; the fields are {0}, and none is called {1}':
    '应为输入字段的名字；字段有 {0}，没有叫 {1} 的',
  'candidate {0} has no answer: the rows have no field completion or output; set its completionTemplate, such as " {label}"':
    '候选 {0} 没有回答：数据行没有字段 completion 或 output；请设置它的 completionTemplate，例如 " {label}"',
  'the field {0} is empty': '字段 {0} 为空',
  "a candidate's template is text only; remove {soft:…} from {0}":
    '候选的模板只能是文本；请从 {0} 中去掉 {soft:…}',
  '{0} is a file, expected a folder for the selector': '{0} 是文件，应为选择器的文件夹',
  '{0} is not empty and not a selector\'s folder (it holds "{1}"): choose another output folder':
    '{0} 不为空，也不是选择器的文件夹（其中有 "{1}"）：请换一个输出文件夹',
  '{0} already holds a selector: overwrite it (its losses are used again), or choose another output folder':
    '{0} 中已有选择器：请覆盖它（其中的损失会再次使用），或换一个输出文件夹',
  'a selector folder': '选择器的文件夹',
  'the file is missing, so training was interrupted; train again, which reuses the computed losses':
    '没有这个文件，说明训练被中断；请再次训练，已算出的损失会再次使用',
  'the file is missing, so this is not a selector folder': '没有这个文件，因此这不是选择器的文件夹',
  'it was trained on the states of {0}, with {1} {2}': '它是用 {0} 的隐藏状态训练的，{1} 为 {2}',
  '{0}, but {1} has {2}; use the model that it was trained with': '{0}，但 {1} 为 {2}；请用它训练时的模型',
  'expected [{0}], {1}; {2} belongs to another file': '应为 [{0}]，但{1}；{2} 属于另一个文件',
  'the tensor holds NaN or Infinity': '张量中有 NaN 或 Infinity',
  'text {0} is empty; there is nothing to choose by': '第 {0} 段文本为空；无从选择',
  'expected at least two candidates to choose from': '至少应有两个候选可供选择',
  '{0} example|examples': '{0} 个样本',
  '{0} example|examples, calibrated': '{0} 个样本，校准',
  'no examples': '没有示例',
  'searched text': '搜索的文本',
  '{0} of {1} rows that were looked at lose their beginning: the model reads at most {2} tokens':
    '查看的 {1} 行中有 {0} 行会失去开头：模型至多读取 {2} 个 token',
  'it has a head, which labels texts without words; use createClassifier':
    '它有分类头，不用词就能打标签；请使用 createClassifier',
  "the last turn calls a tool, which the model's chat template does not write":
    '最后一轮调用了工具，而模型的对话模板写不出调用',
};
