/** @file What a server says of requests, in Chinese. */
import type { Sentences } from '../../say.js';

export const serving: Sentences = {
  'the token of the administrator is needed': '需要管理员的令牌',
  'there is a model {0} already; load_inplace replaces it': '已经有模型 {0}；load_inplace 会替换它',
  'the server has no folder of adapters to load from': '服务器没有可供加载的适配器文件夹',
  'the base model stays': '基础模型不能卸载',
  'there is no {0} {1} here': '这里没有 {0} {1}',
  'the server takes no requests now': '服务器现在不接受请求',
  'there is no Responses API here; use /v1/chat/completions or /v1/completions':
    '这里没有 Responses API；请使用 /v1/chat/completions 或 /v1/completions',
  '{0} is not for {1}': '{0} 不接受 {1}',
  'a key is needed; send it as "Authorization: Bearer <key>"':
    '需要密钥；请用 "Authorization: Bearer <key>" 发送',
  'the key is not known here': '这里不认识这个密钥',
  'this key has {0} request|requests under way, which is its limit':
    '这个密钥有 {0} 个请求正在进行，已达到上限',
  'this key may use {0} token|tokens in a minute': '这个密钥每分钟可使用 {0} 个 token',
  'this key may make {0} request|requests in a minute': '这个密钥每分钟可发出 {0} 个请求',
  'it means something only with tools': '它只有与 tools 一起才有意义',
  'two tools have the name {0}': '两个工具同名：{0}',
  "this model's chat template shows no tools to the model": '这个模型的对话模板不向模型展示工具',
  "this model's chat template writes calls of tools in a way that is not read here (as JSON with a name and arguments)":
    '这个模型的对话模板书写工具调用的方式，这里无法读取（应为带名字和参数的 JSON）',
  'an answer that may call tools is no JSON; leave one of them out':
    '可能调用工具的回答不是 JSON；请去掉其中之一',
  'there is no tool {0} among tools': 'tools 中没有工具 {0}',
  'tools: {0}; leave them out': 'tools：{0}；请去掉',
  'there is no token {0}; ids go from 0 to {1}': '没有 token {0}；id 从 0 到 {1}',
  'JSON ends where it is complete; leave it out': 'JSON 完整时就结束；请去掉它',
  'expected at most the number of new tokens ({0})': '应不超过新 token 的个数（{0}）',
  'it means something only with stream': '它只有与 stream 一起才有意义',
  'expected at least n ({0})': '应至少为 n（{0}）',
  'the best of several is not known in a stream': '流式输出时不知道几个中哪个最好',
  '{0} prompts × {1} continuations are more than {2}; send them in parts':
    '{0} 个提示 × {1} 个续写超过 {2}；请分批发送',
  'expected an integer from 1; 0 goes with echo': '应为从 1 起的整数；0 要与 echo 一起使用',
  'it means something only with logprobs': '它只有与 logprobs 一起才有意义',
  'this model has no chat template, and reads no conversations; use /v1/completions':
    '这个模型没有对话模板，不读取对话；请使用 /v1/completions',
  'expected the JSON text of an object': '应为对象的 JSON 文本',
  'expected a text, or messages': '应为文本或消息',
  'this server does not answer to {0}; it has to be in allowedHosts':
    '这个服务器不以 {0} 之名回应；它必须在 allowedHosts 中',
  'the body is {0}; send application/json': '请求体是 {0}；请发送 application/json',
  'the body is not JSON': '请求体不是 JSON',
  'the body has more than {0} bytes': '请求体超过 {0} 字节',
  '{0} is not supported here; {1}': '这里不支持 {0}；{1}',
  'something went wrong in the server': '服务器内部出错',
  'The page of the studio is not built. In a checkout of the repository, build it with':
    '工作室的网页还没有构建。请在仓库中构建：',
  'There is no such file.': '没有这个文件。',
  'the model {0} does not exist': '没有模型 {0}',
  'expected an integer from {0}': '应为从 {0} 起的整数',
  'expected an integer from {0} to {1}': '应为 {0} 到 {1} 的整数',
  'expected a number from {0} to {1}': '应为 {0} 到 {1} 的数',

  // Found by `said`: what the schemas of requests expect.
  'leave it out': '请去掉',
  'expected a text that is not empty': '应为非空的文本',
  'expected a text': '应为文本',
  'expected token ids': '应为 token id',
  'expected token ids, from 0': '应为从 0 起的 token id',
  'expected a list of token ids': '应为 token id 的列表',
  'expected a text, or at most 4 of them, none of them empty': '应为一段文本，或至多 4 段，都不能为空',
  'expected a JSON Schema': '应为 JSON Schema',
  'expected the type text, json_object or json_schema': '类型应为 text、json_object 或 json_schema',
  'expected the id of a model; /v1/models lists them': '应为模型的 id；/v1/models 列出它们',
  'expected numbers from -100 to 100 by token id': '应按 token id 给出 -100 到 100 的数',
  'expected a text, a list of texts, token ids, or a list of lists of token ids':
    '应为文本、文本的列表、token id，或 token id 列表的列表',
  'expected a name of letters, digits, _ and -, at most 64':
    '应为由字母、数字、_ 和 - 组成的名字，至多 64 个字符',
  'expected a list of tools': '应为工具的列表',
  'expected at most 128 tools': '应至多为 128 个工具',
  'expected none, auto, required, or a function by its name': '应为 none、auto、required，或函数的名字',
  'expected a JSON text': '应为 JSON 文本',
  'expected developer, system, user, assistant or tool': '应为 developer、system、user、assistant 或 tool',
  'expected a text, or a list of parts with text': '应为文本，或带文本的部分的列表',
  'expected a list of calls': '应为调用的列表',
  'expected a text or its fields, or a list of at most {0}': '应为文本或其字段，或至多 {0} 项的列表',
  'expected a list of messages': '应为消息的列表',
  'expected at least one message': '应至少有一条消息',
};
