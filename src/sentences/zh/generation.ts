/** @file What the library says about generation and serving, in Chinese. */
import type { Sentences } from '../../say.js';

export const generation: Sentences = {
  'these options need {0} candidates per token, but the decoder gives {1}':
    '这些选项要求每个 token 有 {0} 个候选，但解码器只给出 {1} 个',
  "the model's scores for new token {0} are not finite (log-sum-exp {1}): look for NaN or very large values in its weights and in the adapter":
    '模型对第 {0} 个新 token 的分数不是有限值（log-sum-exp {1}）：请检查它的权重和适配器中是否有 NaN 或极大的值',
  '`stop` requires `decode`: stop strings are found in the text':
    '`stop` 需要 `decode`：停止字符串要在文本中寻找',
  '`jsonSchema` requires `grammars`: the text is restricted token by token':
    '`jsonSchema` 需要 `grammars`：文本按 token 逐个受到限制',
  'expected an integer from 0': '应为从 0 起的整数',
  'a token of a beam is chosen with those behind it; leave out numBeams':
    '束中的 token 与其后的 token 一起选出；请去掉 numBeams',
  'prompt {0} has {1} tokens, which leaves no room for a new one: the model holds {2} with them; shorten it to at most {3}':
    '第 {0} 个提示有 {1} 个 token，没有给新 token 留出位置：模型连同提示只容纳 {2} 个；请缩短到至多 {3} 个',
  'prompt {0} has {1} as token {2}, expected a token id from 0 to {3}: it may have been tokenized for another model, or have tokens that the model has no embeddings for':
    '第 {0} 个提示的第 {2} 个 token 是 {1}，应为 0 到 {3} 的 token id：它可能是用另一个模型的分词器得到的，或含有模型没有嵌入的 token',
  'this tokenizer cannot write every JSON text: no token is {0} alone':
    '这个分词器不能写出所有 JSON 文本：没有单独表示 {0} 的 token',
  'no token of the vocabulary can go on with the JSON text': '词表中没有能接续这段 JSON 文本的 token',
  'use either `adapter` for all rows or `adapters` by name, not both':
    '请用 `adapter`（所有行共用）或 `adapters`（按名字），不要两者都用',
  'a batch whose rows have different adapters': '各行使用不同适配器的批次',
  'the text of the encoder is empty; expected at least one token': '编码器的文本为空；至少需要一个 token',
  'the prompt is empty; expected at least one token (such as the end-of-text token)':
    '提示为空；至少需要一个 token（例如文本结束 token）',
  'expected {0} tokens, one per row, got {1}': '应有 {0} 个 token（每行一个），得到 {1} 个',
  'expected tokens for each of {0} rows': '应为 {0} 行各给出 token',
  'adapter "{0}" is unknown; {1}': '未知的适配器 "{0}"；{1}',
  "row {0}, token {1}: id {2} is outside the model's vocabulary of {3}":
    '第 {0} 行第 {1} 个 token：id {2} 超出模型的词表（{3}）',
  'expected at most maxNewTokens ({0}), got {1}': '至多应为 maxNewTokens（{0}），得到 {1}',
  'beam search writes no JSON by a schema; leave numBeams out':
    '束搜索不能按 JSON Schema 写 JSON；请去掉 numBeams',
  'a text by jsonSchema ends where its JSON does; leave it out':
    '使用 jsonSchema 时文本在 JSON 结束处结束；请去掉它',
  'beam search guesses no tokens; leave it or numBeams out': '束搜索不猜测 token；请去掉它或 numBeams',
  'prompt {0}: {1}': '第 {0} 个提示：{1}',
  'temperature 0 takes the most likely token, but doSample true draws: leave one of them out':
    'temperature 0 取最可能的 token，而 doSample true 要抽取：请去掉其中一个',
  '{0} cannot be combined with doSample false: leave out one or the other':
    '{0} 不能与 doSample false 一起使用：请去掉其中一方',
  'beam search does not draw tokens: leave out {0}, or numBeams ({1})':
    '束搜索不抽取 token：请去掉 {0}，或去掉 numBeams（{1}）',
  'it has an effect only in beam search; set numBeams above 1':
    '它只在束搜索中起作用；请把 numBeams 设为大于 1',
  'prompt {0}: expected a text, { text } or { messages: [{ role, content }] } with options of one row, got {1}':
    '第 {0} 个提示：应为文本、{ text } 或 { messages: [{ role, content }] }，可附该行的选项，得到 {1}',
  'a prompt with fields requires an adapter with a template': '带字段的提示需要有模板的适配器',
  'the fields {0}': '字段 {0}',
  'no fields': '没有字段',
  "the adapter's template is {0}: expected a prompt with {1}": '适配器的模板是 {0}：提示应有{1}',
  "the first {0} of the prompt's {1} characters have {2} tokens already, but the model has {3} positions; shorten the prompt":
    '提示共 {1} 个字符，前 {0} 个就已有 {2} 个 token，而模型只有 {3} 个位置；请缩短提示',
  'a prompt names the unknown adapter "{0}"; {1}': '有提示用到未知的适配器 "{0}"；{1}',
  'the stream was not read for {0} s while another request waited, and was ended':
    '流在 {0} 秒内没有被读取，而另一个请求在等待，因此已结束',
  'there is no model "{0}" here': '这里没有模型 "{0}"',
  'the server is about to end; ask another': '服务器即将结束；请询问另一个',
  '{0} request|requests waits|wait already; try again later': '已有 {0} 个请求在等待；请稍后再试',
  '{0} has no labels for texts: neither a head nor words of labels; generate with it':
    '{0} 没有文本的标签：既没有分类头，也没有标签词；请用它生成',
  'the server has ended': '服务器已结束',
  'the base model is called {0} already; give the adapter another id':
    '基座模型已经叫 {0}；请给适配器另取一个 id',
  '{0} cannot be served: its head is for {1}, and only heads that label whole texts are':
    '{0} 无法提供：它的头用于 {1}，只有给整段文本打标签的头才能提供',
  '{0} cannot be served: it labels texts ({1})': '{0} 无法提供：它给文本打标签（{1}）',
  '{0} cannot be served: {1}': '{0} 无法提供：{1}',
  '{0} chooses a prompt by the text; give the prompt as a text': '{0} 按文本选择提示；请以文本给出提示',
  '{0} labels texts, and generates none; send them to /v1/classify':
    '{0} 给文本打标签，不生成文本；请把文本发送到 /v1/classify',
  'a prompt has no options of its own here; give them with the request':
    '这里的提示没有自己的选项；请在请求中给出',
  'a server has no beam search; leave numBeams out': '服务器没有束搜索；请去掉 numBeams',
  'an empty prompt has nothing to go on from; give at least one token':
    '空的提示无从续写；请至少给出一个 token',
  "the prompt's own tokens have no scores with {0}, whose soft tokens stand among them":
    '{0} 的软 token 位于提示的 token 之间，因此提示自身的 token 没有分数',
  'the request may come to take {0} positions, and the server has room for {1}':
    '这个请求可能占用 {0} 个位置，而服务器只容纳 {1} 个',
  'token {0} of the prompt is {1}; ids go from 0 to {2}': '提示的第 {0} 个 token 是 {1}；id 从 0 到 {2}',
  'the reader has left': '读取方已离开',
  'it has several tasks; select one of them first (tasks.adapterFor)':
    '它有多个任务；请先选定一个（tasks.adapterFor）',
  "its {0} virtual tokens leave no room in the model's {1} positions":
    '它的 {0} 个虚拟 token 占满了模型的 {1} 个位置',
  'its tensor {0} has numbers that are not finite': '它的张量 {0} 中有不是有限值的数',
  'it replaces weights of the model ({0}), which rows of one batch share':
    '它替换模型的权重（{0}），而同一批次的各行共用权重',
  "its rank {0} is above the server's maxLoraRank ({1})": '它的秩 {0} 超过服务器的 maxLoraRank（{1}）',
  'its keys and values are not those of all layers': '它的键和值不是所有层的',
  "this model's maximum context length is {0} tokens, and the prompt has {1}; shorten it to at most {2}":
    '这个模型的上下文最多 {0} 个 token，而提示有 {1} 个；请缩短到至多 {2} 个',
  'rows of a server have no beams': '服务器的行没有束',
  "the model's scores for new token {0} are not finite": '模型对第 {0} 个新 token 的分数不是有限值',
  '{0}: look for NaN or very large values in the weights': '{0}：请检查权重中是否有 NaN 或极大的值',
  'whoever reaches {0} could use the model; give keys, or listen on 127.0.0.1':
    '任何能访问 {0} 的人都可以使用模型；请给出密钥，或监听 127.0.0.1',
  'whoever reaches it could change what is served; give adminToken':
    '任何能访问它的人都可以更改所提供的模型；请给出 adminToken',
  'give either keys or a file of them': '密钥和密钥文件只给一个',
  'another program has it': '另一个程序占用了它',
  'port {0} of {1} cannot be listened on: {2}': '无法监听 {1} 的端口 {0}：{2}',
  '{0} is a run or an adapter itself; give the folder that it is in':
    '{0} 本身就是运行或适配器；请给出它所在的文件夹',
  'the page runs with onnxruntime-web: npm install onnxruntime-web@1.30.0':
    '网页用 onnxruntime-web 运行：npm install onnxruntime-web@1.30.0',
  '{0} is missing: the page is not built; in a checkout of the repository: npm run build':
    '缺少 {0}：网页尚未构建；在代码仓库的检出中：npm run build',
  '{0} has other files in it; name a new or an empty folder, or that of an earlier page':
    '{0} 中有其他文件；请给出新的或空的文件夹，或之前写入网页的文件夹',
  "there is no {0} in the studio's folder": '工作室的文件夹中没有 {0}',
  '{0} is no name for a run; expected one that begins with no ".", or several with / between them':
    '{0} 不能作为运行的名字；名字不应以 "." 开头，可用 / 连接几个名字',
  "{0} would lie outside of the studio's folder": '{0} 会位于工作室的文件夹之外',
  'a studio is open over this folder already, in process {0} on {1}; use it, or another folder':
    '这个文件夹已有打开的工作室，在 {1} 的进程 {0} 中；请使用它，或换一个文件夹',
  'a job works on {0}; stop it, or choose another name': '有任务正在处理 {0}；请停止它，或换一个名字',
  'the job is done, and has nothing to resume': '任务已完成，没有可恢复的内容',
  'the job is under way; stop it first': '任务正在进行；请先停止',
  'there is no job {0}': '没有任务 {0}',
  'the settings of job {0} are not kept': '没有保存任务 {0} 的设置',
  '{0} is not on this machine; download it, or open the studio over it':
    '本机没有 {0}；请下载，或用它打开工作室',
  "there is no adapter {0} in the studio's folder": '工作室的文件夹中没有适配器 {0}',
  'the file is empty': '文件为空',
  '{0} is not a run': '{0} 不是运行',
  'this key is not for the studio; set "studio": true in the file of keys':
    '这个密钥不能用于工作室；请在密钥文件中设置 "studio": true',
  'the studio answers its own page alone': '工作室只回应自己的页面',
  'the content type is {0}; send application/json': '内容类型是 {0}；请发送 application/json',
  'there is no such report, or the server has started anew; open it again':
    '没有这份报告，或服务器已重新启动；请再次打开它',
  'the adapter is in no folder of a run': '适配器不在运行的文件夹中',
  'the adapter is in no folder of a run, so it is not known how it moved':
    '适配器不在运行的文件夹中，因此不知道它是如何移动的',
  'expected a file of training data, such as pairs.jsonl': '应为训练数据的文件，例如 pairs.jsonl',
  'it follows from the rest of the request; leave it out': '它由请求的其余部分决定；请去掉',
  'there is a {0} already; choose another name': '已经有 {0}；请换一个名字',
  'the queue does not answer; is its Redis still running?': '队列没有回应；它的 Redis 还在运行吗？',
  'the studio shows no queue; start it with one': '工作室不显示队列；请在启动时给出队列',
  'expected an integer from 1 to {0}': '应为 1 到 {0} 的整数',

  // Found by `said`.
  'the server ended while the job was under way; resume it': '任务进行时服务器结束了；请恢复任务',
  'the server was closed while the job was under way; resume it': '任务进行时服务器被关闭了；请恢复任务',
  'expected a token id, an integer from 0': '应为 token id，即从 0 起的整数',
  'expected a token id, from 0': '应为从 0 起的 token id',
  'expected a number above 0; 1 means no penalty': '应为大于 0 的数；1 表示不惩罚',
  'expected a number from 0; 0 takes the most likely token': '应为从 0 起的数；0 取最可能的 token',
  'expected an integer from 1': '应为从 1 起的整数',
  'expected at least 1': '至少应为 1',
  'expected at least 0': '至少应为 0',
  'expected a token id or a list of token ids': '应为 token id，或 token id 的列表',
  'expected a non-empty string': '应为非空的字符串',
  'expected a list of strings': '应为字符串的列表',
  'expected numbers by token id': '应为按 token id 给出的数',
  'expected at most 64': '至多应为 64',
  'expected true or false': '应为 true 或 false',
  'expected at least 0; 0 means every token': '至少应为 0；0 表示全部 token',
  'expected a number above 0': '应为大于 0 的数',
  'expected at most 1': '至多应为 1',
  'expected an integer': '应为整数',
  'expected a number below 2^32': '应为小于 2^32 的数',
  "expected true, false or 'never'": "应为 true、false 或 'never'",
  'expected letters, digits and . _ - @': '应为字母、数字和 . _ - @',
  'expected the SHA-256 of the key': '应为密钥的 SHA-256',
  'expected the SHA-256 of the key, 64 hexadecimal digits': '应为密钥的 SHA-256，即 64 个十六进制数字',
  'expected the id of a model': '应为模型的 id',
  'expected a list of ids of models': '应为模型 id 的列表',
  'expected a list of keys': '应为密钥的列表',
  'expected at least one key': '至少应有一个密钥',
};
