/** @file What the library says about models, their files and the Hub, in Chinese. */
import type { Sentences } from '../../say.js';

export const models: Sentences = {
  'this adapter has no files; use one that was loaded or trained':
    '这个适配器没有文件；请用加载的或训练得到的',
  'an adapter in memory': '内存中的适配器',
  'these are several adapters, expected one; use the folder of one of them':
    '这里有多个适配器，应为一个；请用其中一个的文件夹',
  'this is a whole model, expected an adapter': '这是整个模型，应为适配器',
  'it is missing; every PEFT adapter has it': '缺少该项；每个 PEFT 适配器都有它',
  'an adapter folder': '适配器的文件夹',
  'expected the template of the soft tokens, such as "{soft:9}{text}"':
    '应为软 token 的模板，例如 "{soft:9}{text}"',
  'promptune.json names this part, but its folder is missing':
    'promptune.json 提到这一部分，但没有它的文件夹',
  'the file is missing, so this is not an adapter folder': '没有这个文件，因此这不是适配器的文件夹',
  "the tensors are in PyTorch's pickle format, which is not supported because loading it can run code; {0}":
    '张量是 PyTorch 的 pickle 格式，不支持，因为加载它可能会运行代码；{0}',
  'the file is missing, so the adapter has no tensors': '没有这个文件，因此适配器没有张量',
  'save it again with save_adapter(..., use_safetensors=True) of the adapters library':
    '请用 adapters 库的 save_adapter(..., use_safetensors=True) 重新保存',
  'save it again in PEFT with safe_serialization=True': '请用 PEFT 以 safe_serialization=True 重新保存',
  'it is missing; every AdapterHub adapter has it': '缺少该项；每个 AdapterHub 适配器都有它',
  'this is a file, not a folder': '这是文件，不是文件夹',
  'there is no such folder; expected the path of {0}': '没有这个文件夹；应为{0}的路径',
  'it cannot be {0}: {1}': '无法{0}：{1}',
  'expected BPE to write it as GGUF, found {0}': '写成 GGUF 需要 BPE，得到 {0}',
  'the merges of {0} lie apart': '{0} 的合并规则不相邻',
  'llama.cpp has no name for this way to split text that is known here':
    '已知的 llama.cpp 名称中没有这种切分文本的方式',
  'the file has no tokenizer': '文件中没有分词器',
  '"{0}" is not supported': '不支持 "{0}"',
  '{0}; expected gpt2 (BPE) or llama (SentencePiece)': '{0}；应为 gpt2（BPE）或 llama（SentencePiece）',
  'the tokens {0} and {1} are both {2}': '第 {0} 和第 {1} 个 token 都是 {2}',
  '{0} is not the id of one of the {1} tokens': '{0} 不是这 {1} 个 token 之一的 id',
  'expected a list of {0}s in the metadata': '元数据中应为 {0} 的列表',
  '"{0}" is not supported ({1})': '不支持 "{0}"（支持 {1}）',
  'merge {0}, {1}, does not give a token of the vocabulary': '第 {0} 条合并规则 {1} 得不到词表中的 token',
  'expected at most {0} bytes; the file is damaged': '至多应有 {0} 字节；文件已损坏',
  'expected {0} bytes at {1}, but the file ends at {2}': '从 {1} 起应有 {0} 字节，但文件止于 {2}',
  '{0}; the download was probably cut off, or the file is damaged: fetch it again':
    '{0}；可能是下载中断，或文件已损坏：请重新下载',
  'the header announces {0} {1}, more than the file can hold; it is truncated or damaged':
    '文件头声明有 {0} 个{1}，文件容不下；文件被截断或已损坏',
  'bytes of text': '字节的文本',
  'the text at byte {0} is not UTF-8; the file is damaged': '字节 {0} 处的文本不是 UTF-8；文件已损坏',
  '{0} is not a type of GGUF; the file is damaged': '{0} 不是 GGUF 的类型；文件已损坏',
  'expected 0 or 1 for a boolean, found {0}; the file is damaged': '布尔值应为 0 或 1，得到 {0}；文件已损坏',
  'lists are nested more than {0} deep': '列表嵌套超过 {0} 层',
  'expected "GGUF" at the start, found {0}; this is not a GGUF file':
    '开头应为 "GGUF"，得到 {0}；这不是 GGUF 文件',
  'it is big-endian': '它是大端的',
  'its version is {0}': '它的版本是 {0}',
  '{0}, expected version 2 or 3, little-endian; convert the model again':
    '{0}，应为小端的版本 2 或 3；请重新转换模型',
  'the header has this key twice': '文件头中这个键出现两次',
  'expected a multiple of 8, found {0}': '应为 8 的倍数，得到 {0}',
  'it has {0} dimensions, expected at most 4': '它有 {0} 维，至多应有 4 维',
  'its shape [{0}] is impossible; the file is damaged': '它的形状 [{0}] 不可能；文件已损坏',
  'its type {0} is not supported': '不支持它的类型 {0}',
  'its rows have {0} elements, expected a multiple of {1} for {2}':
    '它的每行有 {0} 个元素，{2} 要求是 {1} 的倍数',
  'the header names this tensor twice': '文件头中这个张量出现两次',
  'its offset is {0}, expected {1}; the file is damaged': '它的偏移为 {0}，应为 {1}；文件已损坏',
  'the file has {0} bytes, but this tensor ends at {1}; the download was probably cut off, so fetch the file again':
    '文件有 {0} 字节，但这个张量止于 {1}；可能是下载中断，请重新下载',
  'the file ended before the tensor did; it may have changed while it was read':
    '文件在张量结束之前就结束了；可能在读取时被改动',
  "this is Python's notation; write it with json.dumps": '这是 Python 的写法；请用 json.dumps 写出',
  'JSON has no NaN and no Infinity; write null': 'JSON 没有 NaN 和 Infinity；请写 null',
  'JSON needs ASCII punctuation (" : , { }), and this has typographic quotes or full-width marks':
    'JSON 需要 ASCII 标点（" : , { }），而这里有弯引号或全角标点',
  'line {0}, column {1}': '第 {0} 行，第 {1} 列',
  'the key is there twice in one object; remove one': '同一对象中这个键出现两次；请删去一个',
  'expected a JSON object, found {0}': '应为 JSON 对象，得到{0}',
  'an array': '数组',
  'bytes that are not UTF-8 text': '不是 UTF-8 文本的字节',
  'an object': '对象',
  'another process': '另一个进程',
  '{0}: {1} has taken the lock; nothing more is written here': '{0}：锁已被{1}取得；这里不再写入',
  'a model folder': '模型的文件夹',
  "this is an adapter's folder; use the folder of its base model":
    '这是适配器的文件夹；请用其基座模型的文件夹',
  '; for the GGUF file in it, use {0}': '；要用其中的 GGUF 文件，请写 {0}',
  'the file is missing, so this is not a model folder{0}': '没有这个文件，因此这不是模型的文件夹{0}',
  'the file is missing, so the model has no weights': '没有这个文件，因此模型没有权重',
  "weights in PyTorch's pickle format are not supported, because loading them can run code; use a revision of the model with model.safetensors, or convert the file with the `safetensors` package in Python":
    '不支持 PyTorch 的 pickle 格式的权重，因为加载它可能会运行代码；请用带有 model.safetensors 的模型版本，或用 Python 的 `safetensors` 包转换',
  'expected an object with the file of every tensor': '应为记录每个张量所在文件的对象',
  '{0} is not the name of a safetensors file in this folder': '{0} 不是这个文件夹中 safetensors 文件的名字',
  'the folder lacks the file {0}; fetch the model again': '文件夹中缺少文件 {0}；请重新下载模型',
  'the tensor is also in {0}': '{0} 中也有这个张量',
  'the index says it is in {0}, but that file does not have it': '索引说它在 {0} 中，但那个文件里没有',
  'the model has no such tensor': '模型没有这个张量',
  'expected the name of a folder next to this file': '应为与此文件同级的文件夹的名字',
  'expected each part once': '每一部分应只出现一次',
  'expected the parts of the adapter': '应有适配器的各部分',
  "expected the header's length in the first 8 bytes, but the file has only {0} bytes":
    '前 8 个字节应为文件头的长度，但文件只有 {0} 字节',
  'expected at most {0} bytes, found {1}; this is not a safetensors file, or it is damaged':
    '至多应有 {0} 字节，得到 {1}；这不是 safetensors 文件，或已损坏',
  'expected {0} bytes, but {1} of them are missing; the download was probably cut off, so fetch the file again':
    '应有 {0} 字节，但缺少其中 {1} 字节；可能是下载中断，请重新下载',
  'it is not UTF-8 text; this is not a safetensors file, or it is damaged':
    '不是 UTF-8 文本；这不是 safetensors 文件，或已损坏',
  'it is not JSON: {0}': '不是 JSON：{0}',
  'expected a JSON object': '应为 JSON 对象',
  'expected an object of strings': '应为由字符串组成的对象',
  'expected a JSON object as its entry in the header': '它在文件头中的条目应为 JSON 对象',
  'its dtype {0} is unknown': '未知的 dtype {0}',
  'its shape {0} is not a list of sizes': '它的形状 {0} 不是尺寸的列表',
  'expected data_offsets of a start and an end, found {0}': 'data_offsets 应为起点和终点，得到 {0}',
  '{0} of shape [{1}] takes {2} bytes, but its data_offsets span {3}':
    '形状为 [{1}] 的 {0} 占 {2} 字节，但它的 data_offsets 跨 {3} 字节',
  'its bytes overlap those of another tensor': '它的字节与另一个张量的重叠',
  '{0} bytes before it belong to no tensor': '它前面的 {0} 个字节不属于任何张量',
  '{0} bytes after the last tensor belong to no tensor': '最后一个张量之后的 {0} 个字节不属于任何张量',
  'the file has {0} bytes, but the header describes {1}: {2} are missing, from this tensor on; the download was probably cut off, so fetch the file again':
    '文件有 {0} 字节，但文件头描述了 {1} 字节：从这个张量起缺少 {2} 字节；可能是下载中断，请重新下载',
  'expected at most {0} levels of nesting': '嵌套至多应为 {0} 层',
  'the file has no such tensor': '文件中没有这个张量',
  'tensors of type {0} are not supported': '不支持 {0} 类型的张量',
  'expected floating-point numbers, found {0}': '应为浮点数，得到 {0}',
  'expected {0} of at most {1} characters, found {2}': '{0} 至多应有 {1} 个字符，得到 {2} 个',
  'it is not valid {0}: it is nested too deeply': '不是有效的 {0}：嵌套过深',
  'it is not valid {0}: {1}': '不是有效的 {0}：{1}',
  'it is nested too deeply': '嵌套过深',
  'it has no revision "{0}"': '其中没有版本 "{0}"',
  '{0} is missing in its snapshot {1}': '快照 {1} 中缺少 {0}',
  'the index of the weights cannot be read': '无法读取权重的索引',
  'the download was damaged and has been removed (its hash is {0}, expected {1}); try again':
    '下载的文件已损坏并已删除（哈希为 {0}，应为 {1}）；请重试',
  'it is longer than the {0} bytes it should have': '超过了应有的 {0} 字节',
  'it sent nothing after {0} bytes of {1}': '发送 {0}/{1} 字节之后再无数据',
  'asked for the bytes from {0} on, it sent "{1}"': '请求从 {0} 起的字节，却发来 "{1}"',
  '{0}: {1} names {2}, but the repository does not have it': '{0}：{1} 提到 {2}，但仓库中没有',
  'its answer "{0}" is not a commit': '返回的 "{0}" 不是提交',
  'its answer "{0}" is not a hash': '返回的 "{0}" 不是哈希',
  '{0}: the repository has no config.json, so it does not hold a model':
    '{0}：仓库没有 config.json，因此其中没有模型',
  '{0}: the repository has no {1}, and weights in other formats are not supported; use a revision or a copy of the model that has it, or convert the weights with the `safetensors` package in Python':
    '{0}：仓库没有 {1}，而其他格式的权重不受支持；请用带有它的模型版本或副本，或用 Python 的 `safetensors` 包转换权重',
  'the model "{0}" is part of promptune, but {1} is missing; install promptune again':
    '模型 "{0}" 随 promptune 提供，但缺少 {1}；请重新安装 promptune',
  'expected owner/name as the name on the Hub, such as anna/cats, got "{0}"':
    '应为 Hub 上的名字 owner/name，例如 anna/cats，得到 "{0}"',
  'cannot upload with HF_HUB_OFFLINE; unset it': '设置了 HF_HUB_OFFLINE，无法上传；请取消设置',
  'there is no token; set HF_TOKEN to one with write access ({0}/settings/tokens), or log in with `hf auth login`':
    '没有令牌；请把 HF_TOKEN 设为有写权限的令牌（{0}/settings/tokens），或用 `hf auth login` 登录',
  'the adapter could not be uploaded to {0}: {1}': '无法把适配器上传到 {0}：{1}',
  '{0}/{1} exists and is not private; make it private there, or push without the private option':
    '{0}/{1} 已存在且不是私有的；请在那里设为私有，或去掉私有选项再推送',
  '{0}: the token is not accepted; check HF_TOKEN (or the token that you logged in with)':
    '{0}：令牌未被接受；请检查 HF_TOKEN（或登录时使用的令牌）',
  '{0}: the token has no write access; use one that may write to repositories of {1}':
    '{0}：令牌没有写权限；请用可写 {1} 的仓库的令牌',
  '{0}: a repository of that name exists, but the token has no access to it':
    '{0}：已有同名的仓库，但令牌无权访问',
  '{0}; try again later': '{0}；请稍后再试',
  'it does not answer as the Hub does: {0}; check HF_ENDPOINT': '它的回应不像 Hub：{0}；请检查 HF_ENDPOINT',
  'the connection to {0} failed: {1}; check the network and try again':
    '连接 {0} 失败：{1}；请检查网络后重试',
  'endpoint (HF_ENDPOINT): expected an address such as {0}, got "{1}"':
    'endpoint（HF_ENDPOINT）：应为 {0} 这样的地址，得到 "{1}"',
  'endpoint (HF_ENDPOINT): expected an address without a password; give a token by HF_TOKEN':
    'endpoint（HF_ENDPOINT）：地址不应包含密码；请用 HF_TOKEN 给出令牌',
  'token (HF_TOKEN): it contains a space, a line break or another invalid character':
    'token（HF_TOKEN）：其中有空格、换行或其他无效字符',
  'the data set "{0}" is not in the cache {1}, and the Hub was not asked, because offline or HF_HUB_OFFLINE is set; download it once without these, or use a file':
    '缓存 {1} 中没有数据集 "{0}"，而且由于设置了 offline 或 HF_HUB_OFFLINE，没有询问 Hub；请先不带这些设置下载一次，或使用文件',
  'the data set "{0}" could not be fetched: {1}\n{2}': '无法取得数据集 "{0}"：{1}\n{2}',
  '"{0}" is not the name of a data set; expected hf:owner/name, hf:owner/name/config or either with :split, such as hf:nyu-mll/glue/sst2:validation':
    '"{0}" 不是数据集的名字；应为 hf:owner/name、hf:owner/name/config，或再加 :split，例如 hf:nyu-mll/glue/sst2:validation',
  'the data set "{0}" has no file in a supported format: .parquet, .jsonl, .json, .csv, .tsv or .txt, also with .gz':
    '数据集 "{0}" 没有受支持格式的文件：.parquet、.jsonl、.json、.csv、.tsv 或 .txt，也可带 .gz',
  'it has no {0} "{1}"': '它没有{0} "{1}"',
  'the data set "{0}": {1}; {2}': '数据集 "{0}"：{1}；{2}',
  'the file {0} does not exist; expected the path of a GGUF file': '文件 {0} 不存在；应为 GGUF 文件的路径',
  'expected the name of a branch or a tag, or a commit, got "{0}"': '应为分支、标签或提交的名字，得到 "{0}"',
  'the model "{0}" could not be found or fetched:': '找不到也无法取得模型 "{0}"：',
  '- as a folder: there is no {0}': '- 作为文件夹：没有 {0}',
  '- in the cache: {0} is not usable, because {1}': '- 在缓存中：{0} 不可用，因为{1}',
  '- on the Hub: {0}': '- 在 Hub 上：{0}',
  'not asked, because offline or HF_HUB_OFFLINE is set': '没有询问，因为设置了 offline 或 HF_HUB_OFFLINE',
  'Download it once without these, or use the folder of a copy that you have.':
    '请先不带这些设置下载一次，或使用已有副本的文件夹。',
  'the download cannot be written: {0}': '无法写入下载的内容：{0}',
  'the name of the model is empty; expected a folder or a name such as "gpt2"':
    '模型的名字为空；应为文件夹，或 "gpt2" 这样的名字',
  '{0} is a file, expected the folder of a model or a GGUF file': '{0} 是文件，应为模型的文件夹或 GGUF 文件',
  'the folder {0} does not exist; expected a model\'s folder, or a name on the Hub such as "gpt2" or "owner/name"':
    '文件夹 {0} 不存在；应为模型的文件夹，或 Hub 上的名字，例如 "gpt2" 或 "owner/name"',
  '{0} does not answer as the Hub does: {1}': '{0} 的回应不像 Hub：{1}',
  'Check HF_ENDPOINT, and whether a proxy or a login page is in the way.':
    '请检查 HF_ENDPOINT，以及是否经过了代理或登录页。',
  'the connection to {0} failed: {1}': '连接 {0} 失败：{1}',
  'Check the network and try again (the download will resume), or use the folder of a copy that you have.':
    '请检查网络后重试（下载会接着进行），或使用已有副本的文件夹。',
  '{0} answers with {1}': '{0} 返回 {1}',
  '{0}: the {1} has no revision "{2}"': '{0}：这个{1}没有版本 "{2}"',
  'Check the revision.': '请检查版本。',
  '{0}: there is no such {1}': '{0}：没有这个{1}',
  'Check the name and its owner.': '请检查名字及其所有者。',
  'check that HF_TOKEN (or the token that you logged in with) has access':
    '检查 HF_TOKEN（或登录时使用的令牌）是否有权访问',
  'set HF_TOKEN to a token that has access': '把 HF_TOKEN 设为有权访问的令牌',
  '{0}: the {1} is gated or private, or does not exist': '{0}：这个{1}需要授权、是私有的，或不存在',
  'Check the name; if the {0} asks for it, accept its licence at {1}; then {2}.':
    '请检查名字；如果这个{0}要求，请在 {1} 接受它的许可协议；然后{2}。',
  'Try again later; the download will resume.': '请稍后再试；下载会接着进行。',
  '{0} is {1}, expected an integer from 1': '{0} 为 {1}，应为从 1 起的整数',
  'hiddenSize {0} is not divisible by {1} heads; make it a multiple of numAttentionHeads':
    'hiddenSize {0} 不能被 {1} 个头整除；请设为 numAttentionHeads 的倍数',
  'endOfTextId is {0}, expected a token id from 0 to {1}': 'endOfTextId 为 {0}，应为 0 到 {1} 的 token id',
  'a {0} cannot be written as GGUF; supported are {1}': '{0} 不能写成 GGUF；支持的有 {1}',
  '{0} cannot be written as GGUF': '{0} 不能写成 GGUF',
  '"{0}" cannot be written as GGUF': '"{0}" 不能写成 GGUF',
  'this is one of {0} parts of a model; join them with llama-gguf-split --merge':
    '这是模型的 {0} 个部分之一；请用 llama-gguf-split --merge 合并',
  'mixtures of experts are not supported': '不支持混合专家模型',
  'a {0} has no such tensor': '{0} 没有这个张量',
  'use another file of the model, or convert this one with llama-quantize':
    '请用该模型的另一个文件，或用 llama-quantize 转换',
  'tensors of type {0} are not supported ({1} are); {2}': '不支持 {0} 类型的张量（支持 {1}）；{2}',
  "its factors of the rotary frequencies are not those of Llama 3's scaling, and others are not supported":
    '它的旋转频率系数不是 Llama 3 的缩放，而其他的不受支持',
  'expected a string in the metadata, found {0}': '元数据中应为字符串，得到 {0}',
  'expected a number in the metadata, found {0}': '元数据中应为数，得到 {0}',
  'it is missing; every model has this tensor': '缺少该项；每个模型都有这个张量',
  '{0} changes the rotary positions in a way that is not supported': '{0} 以不受支持的方式改变旋转位置',
  "{0} of a head's {1} numbers are rotated, expected all in a {2}":
    '每个头的 {1} 个数中有 {0} 个被旋转，{2} 应全部旋转',
  'positions in several dimensions are not supported': '不支持多维的位置',
  'a {0} has one base for all layers here': '这里的 {0} 所有层共用一个底数',
  'expected the factor of {0} scaling, found none': '应有 {0} 缩放的系数，但没有找到',
  '{0} is too large for float16; use another dtype ({1})': '{0} 对 float16 来说过大；请用另一种 dtype（{1}）',
  'a number in it is not finite; fetch the file again': '其中有不是有限值的数；请重新下载文件',
  'hidden_size {0} is not divisible by {1} heads': 'hidden_size {0} 不能被 {1} 个头整除',
  '{0} is a {1} model, whose tokens see those after them, so it cannot generate text from left to right; train a head for it (taskType) and classify instead':
    '{0} 是 {1} 模型，其 token 能看到后面的 token，因此不能从左到右生成文本；请为它训练头（taskType），再进行分类',
  '{0} is not supported for {1}: it is a {2} model, whose encoder reads the input, while its decoder writes the output; use a decoder-only model (gpt2, llama, …)':
    '{1} 不支持{0}：它是 {2} 模型，编码器读取输入，解码器写出输出；请用只有解码器的模型（gpt2、llama 等）',
  '{0} is a {1} model, which cannot learn to continue texts; set taskType to {2}, or use a template with {{ mask() }}':
    '{0} 是 {1} 模型，不能学习续写文本；请把 taskType 设为 {2}，或使用带有 {{ mask() }} 的模板',
  'the files of {0} have no {1}, which fills in a mask; use a model that was saved for masked language modeling':
    '{0} 的文件中没有填写掩码所需的 {1}；请用为掩码语言建模而保存的模型',
  '{0} is a {1} model, which continues texts and cannot fill in a mask; remove {{ mask() }} from the template':
    '{0} 是 {1} 模型，它续写文本，不能填写掩码；请从模板中去掉 {{ mask() }}',
  '{0} {1} is not divisible by {2} heads': '{0} {1} 不能被 {2} 个头整除',
  'token id {0} is outside the vocabulary of {1}, whose last id is {2}: the tokenizer belongs to another model':
    'token id {0} 超出 {1} 的词表，其最后一个 id 是 {2}：分词器属于另一个模型',
  'model type "{0}" is not supported; expected one of {1}': '不支持模型类型 "{0}"；应为下列之一：{1}',
  'expected {0} types, one per layer, found {1}': '应有 {0} 个类型（每层一个），得到 {1} 个',
  'embeddings narrower or wider than the layers (as in opt-350m) are not supported':
    '不支持嵌入与层宽度不同的模型（如 opt-350m）',
  "it rotates {0} of a head's {1} numbers, expected an even number":
    '每个头的 {1} 个数中旋转 {0} 个，应为偶数',
  'expected {0} factors, one per pair of numbers, found {1}': '应有 {0} 个系数（每对数一个），得到 {1} 个',
  'expected an object, found {0}': '应为对象，得到{0}',
  '{0} has no rotary positions per type of layer; expected one set of fields':
    '{0} 没有按层类型区分的旋转位置；应只有一组字段',
  '{0} rotates whole heads; remove the field': '{0} 旋转整个头；请去掉这个字段',
  'the weights do not have this tensor, which config.json implies': '权重中没有 config.json 所要求的这个张量',
  'the tensor is [{0}], but config.json implies [{1}]; the configuration and the weights belong to different models':
    '张量为 [{0}]，但 config.json 要求 [{1}]；配置和权重属于不同的模型',
  'weights of type {0} are not supported; use F64, F32, F16 or BF16':
    '不支持 {0} 类型的权重；请用 F64、F32、F16 或 BF16',
  'the model has no parameter "{0}", which this needs of it': '模型没有所需的参数 "{0}"',
  'device "{0}" is unknown; expected one of {1}': '未知的设备 "{0}"；应为下列之一：{1}',
  'On Linux x64, run its install script with --onnxruntime-node-install=cuda12 first.':
    '在 Linux x64 上，请先以 --onnxruntime-node-install=cuda12 运行它的安装脚本。',
  'Use one of those.': '请用其中之一。',
  'device "{0}" is not supported by ONNX Runtime\'s build for {1} {2}, which has {3}. {4}':
    '{1} {2} 上的 ONNX Runtime 不支持设备 "{0}"，支持的有 {3}。{4}',
  'expected a whole number from 1 to {0}, got {1}': '应为 1 到 {0} 的整数，得到 {1}',
  'the worker thread of ONNX Runtime has ended{0} with all of its sessions; ask a generator or a classifier again, and create anything else anew':
    'ONNX Runtime 的工作线程已结束{0}，它的所有会话也随之结束；生成器和分类器可以再次使用，其他对象请重新创建',
  'there is no session {0}': '没有会话 {0}',
  'device "{0}" could not be started: {1}. Use the device "cpu", or check the driver.':
    '设备 "{0}" 无法启动：{1}。请用设备 "cpu"，或检查驱动程序。',
  'this session has been disposed of': '这个会话已被释放',
  'the graph has no float32 output "{0}"': '计算图没有 float32 输出 "{0}"',
  'a tensor of shape [{0}] has {1} elements, at most {2} are supported; choose smaller sizes (virtual tokens, rank, hidden size)':
    '形状为 [{0}] 的张量有 {1} 个元素，至多支持 {2} 个；请选更小的尺寸（虚拟 token 数、秩、隐藏层宽度）',
  'expected a JSON list, found {0}': '应为 JSON 列表，得到{0}',

  // Found by `said`, for they are written before the language is known.
  'process {0} on {1}': '{1} 上的进程 {0}',
  'it has several {0}': '它有多个{0}',
  'it is not valid JSON: {0}': '不是有效的 JSON：{0}',
  'a string': '字符串',
  'a number': '数',
  'a boolean': '布尔值',
  model: '模型',
  'data set': '数据集',
  config: '配置',
  configs: '配置',
  split: '划分',
  splits: '划分',
  read: '读取',
  written: '写入',
  'there is no such file; check the path': '没有这个文件；请检查路径',
  'the disk is full; free some space and try again': '磁盘已满；请腾出空间后重试',
  'the disk quota is used up; free some space and try again': '磁盘配额已用完；请腾出空间后重试',
  'too many files are open; raise the limit (ulimit -n) and try again':
    '打开的文件过多；请提高上限（ulimit -n）后重试',
  'too many files are open on this machine; try again later': '本机打开的文件过多；请稍后再试',
  'the device failed to read or write it': '设备读写失败',
  'the file is too large for this file system': '文件对这个文件系统来说过大',
  'no permission for this path': '没有访问这个路径的权限',
  'the file system is read-only': '文件系统是只读的',
  'a part of this path is a file, not a folder': '路径中有一部分是文件，而不是文件夹',
  'this is a folder, not a file': '这是文件夹，不是文件',
  'this is not a regular file, but a pipe, a socket or a device': '这不是普通文件，而是管道、套接字或设备',
  'this link leads to itself': '这个链接指向自身',
  'this path is too long': '路径过长',
  'it is too large to be read as a whole': '过大，无法整个读取',
  'attention in both directions is not supported': '不支持双向注意力',
  'normalization without weights is not supported': '不支持没有权重的归一化',
  'T5 without its decoder is not supported': '不支持没有解码器的 T5',
  'expected the name of an activation function, optionally prefixed by gated-':
    '应为激活函数的名字，可加前缀 gated-',

  // Faults of a regular expression.
  'is no regular expression: {0}': '不是正则表达式：{0}',
  'has {0}, which is not supported': '有{0}，不受支持',
  'a lookaround': '环视',
  'it is too large': '它太大',
  'unmatched ) at {0}': '位置 {0} 的 ) 没有对应的 (',
  'it ends too early': '它过早结束',
  'the interval {0}': '区间 {0}',
  'an atomic group within a lookbehind': '后行环视中的原子组',
  'nothing to repeat before {0}': '{0} 之前没有可重复的内容',
  '(?i) with "{0}", which a single character may stand for': '(?i) 用于 "{0}"，它可能由单个字符表示',
  'a group is not closed': '有一个组没有结束',
  'the group {0}': '组 {0}',
  'the reference \\{0}': '引用 \\{0}',
  'the escape \\{0}': '转义 \\{0}',
  'a character class is not closed': '有一个字符类没有结束',
  'an empty character class': '空的字符类',
  '(?i) with a set of characters in a class': '(?i) 用于字符类中的字符集合',
  'a range that begins with a set': '以集合开头的范围',
  'a range that ends with a set': '以集合结尾的范围',
  'an empty range': '空的范围',
  'an octal escape without a 0': '没有 0 的八进制转义',
  'the POSIX bracket [:{0}:]': 'POSIX 方括号 [:{0}:]',
  'the property {0}': '属性 {0}',
  '(?i) with "{0}"': '(?i) 用于 "{0}"',
  '(?i) with a wide range': '(?i) 用于很宽的范围',
  'it has {0} characters, at most {1}': '它有 {0} 个字符，至多 {1} 个',
  'it has groups nested more than {0} deep': '它的组嵌套超过 {0} 层',
};
