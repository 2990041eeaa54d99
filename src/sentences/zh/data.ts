/** @file What the library says about data, texts and tokenizers, in Chinese. */
import type { Sentences } from '../../say.js';

export const data: Sentences = {
  'no value fulfils it': '没有值能满足它',
  'a $ref leads back to itself with nothing between': '$ref 直接指回自身',
  'expected a schema': '应为 schema',
  'it is nested more than {0} deep': '嵌套超过 {0} 层',
  'a $ref leads back to itself, or more than {0} schemas are combined':
    '$ref 指回自身，或组合了超过 {0} 个 schema',
  '{0} is not supported beside enum or const': '不支持 {0} 与 enum 或 const 并用',
  'expected a list of values': '应为值的列表',
  'expected schemas by name': '应为按名字给出的 schema',
  'expected a list of names': '应为名字的列表',
  '{0} is not among the properties': '{0} 不在 properties 之中',
  'expected a list of schemas': '应为 schema 的列表',
  'expected one schema; a list is for prefixItems': '应为一个 schema；列表请用 prefixItems',
  'expected a regular expression': '应为正则表达式',
  'minLength and maxLength are not supported beside {0}': '不支持 minLength 和 maxLength 与 {0} 并用',
  'expected a number': '应为数',
  'options {0} and {1} may both hold, which is not supported; use anyOf':
    '选项 {0} 和 {1} 可能同时成立，不支持；请用 anyOf',
  'expected a path in the schema itself, such as #/$defs/name, got {0}':
    '应为 schema 内部的路径，例如 #/$defs/name，得到 {0}',
  'there is nothing at {0}': '{0} 处什么也没有',
  'there is no schema at {0}': '{0} 处没有 schema',
  'expected one of {0}, got {1}': '应为下列之一：{0}，得到 {1}',
  'it is too large; use smaller bounds, or fewer parts': '过大；请用更小的界限或更少的部分',
  'an anchor within it': '其中的锚点',
  'a reference to a group': '对分组的引用',
  'a word boundary': '单词边界',
  '{0} is not supported': '不支持 {0}',

  // Jinja's syntax.
  'a comment that begins here is never closed': '从这里开始的注释没有结束',
  'a {% raw %} that begins here is never closed': '从这里开始的 {% raw %} 没有结束',
  'a tag or a quote that begins here is never closed': '从这里开始的标签或引号没有结束',
  'a block that begins here is never closed; {% {0} %} needs {% end{1} %}':
    '从这里开始的块没有结束；{% {0} %} 需要 {% end{1} %}',
  'unexpected {0}': '此处不应有 {0}',
  'expected a call': '应为调用',
  'the tag {% {0} %} is not supported': '不支持标签 {% {0} %}',
  'there is no tag {% {0} %}': '没有标签 {% {0} %}',
  'a parameter without a default after one with a default': '带默认值的参数之后不能有不带默认值的参数',
  'the end of the tag': '标签的结尾',
  'expected an expression, found {0}': '应为表达式，得到 {0}',
  'expected an index': '应为下标',
  'there is no filter named {0} here': '这里没有名为 {0} 的过滤器',
  'there is no test named {0} here': '这里没有名为 {0} 的测试',
  'arguments with * and ** are not supported': '不支持带 * 和 ** 的参数',
  'an argument without a name after one with a name': '具名参数之后不能有未具名的参数',

  'additionalProperties is not supported where schemas are combined':
    '不支持在组合的 schema 中使用 additionalProperties',
  'items is not supported where it is combined with prefixItems': '不支持 items 与 prefixItems 组合',
  'two values of {0} cannot be combined': '{0} 的两个值不能合并',
  'a .tsv has tabs between its values, and this has {0}; give it the extension .csv':
    '.tsv 的值之间应为制表符，而这里是{0}；请把扩展名改为 .csv',
  'row {0}': '第 {0} 行',
  'expected rows (objects with fields), a path, or several of these':
    '应为数据行（带字段的对象）、路径，或其中几个',
  '{0} row|rows in memory': '内存中的 {0} 行',
  'the data set is empty: no rows were given': '数据集为空：没有给出数据行',
  'it unpacks to more than {0} bytes, which data hardly does; if it is right, unpack it with gunzip and give that file':
    '解压后超过 {0} 字节，数据很少如此；若确实无误，请用 gunzip 解压后给出解压的文件',
  'it cannot be unpacked: {0}; the file is damaged, or is not gzip': '无法解压：{0}；文件已损坏，或不是 gzip',
  'broken JSON: there is something behind the end of the array': 'JSON 有误：数组结束之后还有内容',
  'a comma stands between objects; remove it, or put the objects into one array ([ … ])':
    '对象之间有逗号；请去掉，或把对象放入一个数组（[ … ]）',
  'a comma without a value before it': '逗号之前没有值',
  'broken JSON: {0}': 'JSON 有误：{0}',
  'a JSON value that is too long begins here; expected one record a line':
    '过长的 JSON 值从这里开始；应每行一条记录',
  'what begins here is never closed': '从这里开始的内容没有结束',
  'the array is never closed': '数组没有结束',
  'broken JSON: {0}; was the file cut?': 'JSON 有误：{0}；文件是否被截断？',
  'it has several lists of records ({0}); write the one to use to a separate file':
    '其中有多个记录列表（{0}）；请把要用的那个写到单独的文件',
  'the data set "{0}" cannot be downloaded here; use a file': '数据集 "{0}" 无法在此下载；请使用文件',
  'it does not end in {0}': '结尾不是 {0}',
  'its metadata should have {0} bytes, and the file has {1}': '它的元数据应有 {0} 字节，而文件只有 {1} 字节',
  'it is {0}, and the groups of rows have {1} together': '它为 {0}，而各行组共有 {1} 行',
  'write the file with smaller groups of rows': '请以更小的行组写文件',
  'it has {0} column chunks, and the schema {1} columns': '它有 {0} 个列块，而 schema 有 {1} 列',
  'its data is in another file, which is not supported': '它的数据在另一个文件中，不支持',
  'expected {0}, found {1}': '应为 {0}，得到 {1}',
  'it is not the type of the schema, {0}': '不是 schema 的类型 {0}',
  'write smaller groups of rows': '请写更小的行组',
  'it has {0} values, and the group {1} rows': '它有 {0} 个值，而行组有 {1} 行',
  "bytes {0} to {1} are not inside the file's data": '字节 {0} 到 {1} 不在文件的数据之内',
  'it is none that Parquet has': 'Parquet 没有这种编码',
  'it takes {0} bytes unpacked; write the file with smaller groups of rows':
    '解压后占 {0} 字节；请以更小的行组写文件',
  'it ends before all the children that it states': '所声明的子项还没有列完就结束了',
  'it is unknown': '未知',
  'it has no columns': '它没有列',
  'it is missing or unknown': '缺少或未知',
  'it is 0': '它为 0',
  'two columns are named {0}': '有两列都叫 {0}',
  'it has {0} elements, and its tree {1}': '它有 {0} 个元素，而它的树有 {1} 个',
  'values of type {0} are not supported; leave the column out': '不支持 {0} 类型的值；请去掉这一列',
  'a name is not text': '名字不是文本',
  'it is missing': '缺少该项',
  'expected a whole number from 0, found {0}': '应为从 0 起的整数，得到 {0}',
  'it is {0}, at most {1} can be read{2}': '它为 {0}，至多能读取 {1}{2}',
  'it is no list': '它不是列表',
  'it is no struct': '它不是结构体',
  'the data set is empty: the file has columns but no rows': '数据集为空：文件有列而没有行',
  'row group {0}': '行组 {0}',
  'it cannot be read as Parquet: {0}; fetch or write the file again':
    '不能按 Parquet 读取：{0}；请重新下载或写出文件',
  'its columns have other numbers of values than its rows': '它的各列的值数与行数不同',
  'broken JSON: {0}; {1}': 'JSON 有误：{0}；{1}',
  'expected one whole JSON object per line': '每行应为一个完整的 JSON 对象',
  'the key {0} is there twice in one object; remove one': '同一对象中键 {0} 出现两次；请删去一个',
  'put a field that holds a quote in double quotes and write the quote twice':
    '含有引号的字段请放在双引号中，其中的引号写两次',
  'a double quote is where CSV does not allow one; {0}': '双引号出现在 CSV 不允许的位置；{0}',
  'two columns are named {0}; rename one': '有两列都叫 {0}；请给其中一列改名',
  'there are zero bytes in it: was the file damaged?': '其中有零字节：文件是否损坏？',
  'a value that holds the separator or a line break needs double quotes (CSV)':
    '含有分隔符或换行的值需要双引号（CSV）',
  'is a double quote in it never closed?': '其中的双引号是否没有结束？',
  'expected one record a line': '应每行一条记录',
  'a record of more than 64 MiB begins here; {0}': '超过 64 MiB 的记录从这里开始；{0}',
  'a double quote in the row that begins here is never closed; write a quote inside a field twice':
    '从这里开始的一行中双引号没有结束；字段内的引号请写两次',
  'cannot tell the format by this name; expected one of {0}, also with .gz behind it, or .parquet':
    '由文件名无法得知格式；扩展名应为下列之一：{0}（也可再加 .gz），或 .parquet',
  'this is a folder': '这是文件夹',
  'this is not a regular file': '这不是普通文件',
  '{0}, expected a data file': '{0}，应为数据文件',
  'the data set is empty: the file has no records': '数据集为空：文件中没有记录',
  'the first row has the names of the columns already; leave `columns` out': '首行已有列名；请去掉 `columns`',
  'the file was cut while it was being read': '文件在读取时被截短',
  'a header but no rows': '只有表头而没有行',
  'no records': '没有记录',
  'the data set is empty: the file has {0}': '数据集为空：文件{0}',
  'it begins as {0} text, and goes on with bytes that are none; save the file as UTF-8':
    '开头是 {0} 文本，后面却有不属于它的字节；请把文件保存为 UTF-8',
  'it has bytes that are no text in the encoding {0}; name the encoding that it is in':
    '其中有不属于编码 {0} 的字节；请指明它的编码',
  'this is UTF-32 text; save the file as UTF-8': '这是 UTF-32 文本；请把文件保存为 UTF-8',
  'this is not text: it has zero bytes; expected a text file in UTF-8':
    '这不是文本：其中有零字节；应为 UTF-8 的文本文件',
  'this is not UTF-8 text; it may be {0}. Name its encoding (the option encoding, such as {1}), or save the file as UTF-8':
    '这不是 UTF-8 文本；可能是{0}。请指明编码（选项 encoding，例如 {1}），或把文件保存为 UTF-8',
  'the pattern {0} needs too much memory for a text of {1}': '模式 {0} 对长度为 {1} 的文本需要过多内存',
  'the pattern {0} takes too long for a text of {1}': '模式 {0} 对长度为 {1} 的文本用时过长',
  'batchSize is {0}, expected a whole number, at least 1': 'batchSize 为 {0}，应为至少为 1 的整数',
  "ignored by the model's chat template: {0}{1}, in {2} row|rows":
    '模型的对话模板会忽略：{0}{1}，在 {2} 行中',
  'left out: turns that no learned turn follows, in {0} row|rows':
    '已略去：{0} 行中其后没有要学习的轮次的轮次',
  'this model has no chat template for conversations; use a model made for chat, or leave chat out':
    '这个模型没有用于对话的模板；请用为对话制作的模型，或去掉 chat',
  "the model's chat template refuses the conversation: {0}": '模型的对话模板拒绝这段对话：{0}',
  "the model's chat template cannot be read: {0}": '无法读取模型的对话模板：{0}',
  "message {0}: the model's chat template formats this turn differently when others follow ({1}); use a separate record for each assistant turn":
    '第 {0} 条消息：后面还有消息时，模型的对话模板对这一轮的写法不同（{1}）；请为助手的每一轮各用一条记录',
  'the fields are {0}': '字段有 {0}',
  'expected a list of messages in the field "messages", found {0}': '字段 "messages" 应为消息的列表，得到{0}',
  'every turn of the assistant has the weight 0': '助手的每一轮权重都为 0',
  'no message is of the role "assistant"': '没有角色为 "assistant" 的消息',
  '{0}, so there is nothing to train on': '{0}，没有可训练的内容',
  'the field {0} is {1}, expected a text': '字段 {0} 是{1}，应为文本',
  'the field {0} and the first message are two system messages; remove one':
    '字段 {0} 和第一条消息都是系统消息；请去掉一个',
  'the field {0} is {1}, expected a list of tools': '字段 {0} 是{1}，应为工具的列表',
  'a string that is not JSON: {0}': '不是 JSON 的字符串：{0}',
  'expected a list of messages in the field {0}, found {1}': '字段 {0} 应为消息的列表，得到{1}',
  'message {0} {1}': '第 {0} 条消息{1}',
  'is not of the shape {0}, with texts for both': '不是 {0} 的形式（两者都为文本）',
  'has {0} as tool_calls, expected a list': '的 tool_calls 是{0}，应为列表',
  'calls no function; expected {"name": "…", "arguments": {…}}':
    '没有调用函数；应为 {"name": "…", "arguments": {…}}',
  'has a part of the type {0}; only text parts are supported': '含有类型为 {0} 的部分；只支持文本部分',
  'has the weight {0}; expected 1, or 0 for a turn that is not trained on':
    '的权重为 {0}；应为 1，或以 0 表示不训练这一轮',
  'every example was dropped, because all are longer than maxLength {0}; raise it':
    '所有样本都被丢弃，因为它们都超过 maxLength {0}；请调大',
  'this data set was disposed of; open it again': '这个数据集已被释放；请重新打开',
  'a head labels texts or words, not conversations; leave it out':
    '头给文本或词打标签，不给对话打标签；请去掉',
  "the model's own template writes the text, so there can be no other template":
    '文本由模型自己的模板写出，不能再用其他模板',
  "conversations ({0}), by the model's chat template: what the assistant says":
    '对话（{0}），按模型的对话模板：训练助手所说的内容',
  'unused fields: {0}{1}': '未使用的字段：{0}{1}',
  'maxLength is {0}, expected an integer from 1': 'maxLength 为 {0}，应为从 1 起的整数',
  'the {0} is empty; fill it in or remove the record': '{0}为空；请填写，或删除这条记录',
  'trainOn "all" cannot be used with soft tokens in the template':
    '模板中有软 token 时不能使用 trainOn "all"',
  'there is no prompt, which the encoder needs; add a prompt': '没有编码器所需的提示；请加上提示',
  ' and the prompt {0} soft tokens': '和提示的 {0} 个软 token',
  'the completion has {0} tokens{1}, and at most {2} fit': '补全有 {0} 个 token{1}，至多能容纳 {2} 个',
  '{0}; shorten it, or set truncation to "end" or "drop"':
    '{0}；请缩短，或把 truncation 设为 "end" 或 "drop"',
  'expected one token per mask; the template has {0}, but {1}; use another word, or as many masks':
    '每个掩码应对应一个 token；模板有 {0} 个掩码，但{1}；请换一个词，或用同样多的掩码',
  "the record's text contains the mask token; remove it": '记录的文本中含有掩码 token；请去掉',
  'at most {0} tokens fit, fewer than the places of the template; raise maxLength':
    '至多能容纳 {0} 个 token，少于模板中的位置；请调大 maxLength',
  'a masked language model fills in masks, but the template has none; write {{ mask() }} once per token':
    '掩码语言模型填写掩码，但模板中没有；每个 token 请写一个 {{ mask() }}',
  'the last turn has {0} tokens, and at most {1} fit': '最后一轮有 {0} 个 token，至多能容纳 {1} 个',
  "the model's vocabulary ends at {0}": '模型的词表止于 {0}',
  'the tokenizer belongs to another model: download the model again, or use its own tokenizer':
    '分词器属于另一个模型：请重新下载模型，或用它自己的分词器',
  '{0} has the token id {1}, but {2}; {3}': '{0} 的 token id 为 {1}，但{2}；{3}',
  'this tokenizer names no end-of-text token to append; set appendEos to false':
    '这个分词器没有可追加的文本结束 token；请把 appendEos 设为 false',
  "the tokenizer's end-of-text token {0} is outside the model's vocabulary of {1}; set appendEos to false":
    '分词器的文本结束 token {0} 超出模型的词表（{1}）；请把 appendEos 设为 false',
  'the field {0} is {1}, expected text, a number or a boolean': '字段 {0} 是{1}，应为文本、数或布尔值',
  ' Did you mean {0}?': '是否想用 {0}？',
  '{0}there is no field {1}; the fields are {2}.{3}': '{0}没有字段 {1}；字段有 {2}。{3}',
  '{0}: expected {{ mask() }} without arguments': '{0}：{{ mask() }} 不应带参数',
  '{0}: expected a number of soft tokens as in {{ soft(5) }}': '{0}：应为软 token 的个数，如 {{ soft(5) }}',
  'is null or missing': '为 null 或不存在',
  'is a list or an object': '是列表或对象',
  '{0}: this expression {1}, expected text, a number or a boolean':
    '{0}：这个表达式{1}，应为文本、数或布尔值',
  'this is not Jinja: ': '这不是 Jinja：',
  'expected at least two labels, but the field {0} has {1}; set another field with labelField':
    '至少应有两个标签，但字段 {0} 只有 {1}；请用 labelField 设置另一个字段',
  'the field {0} contains {1}, expected strings or numbers': '字段 {0} 中含有{1}，应为字符串或数',
  'the label {0} is not one of {1}; labels are those of the training data, unless set with labels':
    '标签 {0} 不在 {1} 之中；标签取自训练数据，除非用 labels 设置',
  'there are {0} words and {1} tags': '有 {0} 个词和 {1} 个标注',
  '{0}; expected one tag per word': '{0}；每个词应有一个标注',
  'the fields are {0}; expected a list of words in {1}': '字段有 {0}；{1} 中应为词的列表',
  'expected one mask for the label, found {0}': '标签应对应一个掩码，得到 {0} 个',
  'the head uses no mask; remove {{ mask() }} from the template': '头用不到掩码；请从模板中去掉 {{ mask() }}',
  'the text is empty; fill it in or remove it': '文本为空；请填写或去掉',
  'there are no words; fill them in or remove the record': '没有词；请填写，或删除这条记录',
  'maxLength {0} leaves no room for a text; raise it': 'maxLength {0} 没有给文本留出位置；请调大',
  "{0} has the token id {1}, but the model's vocabulary ends at {2}; the tokenizer belongs to another model":
    '{0} 的 token id 为 {1}，但模型的词表止于 {2}；分词器属于另一个模型',
  'promptune.json of the adapter (reading): {0}': '适配器的 promptune.json（reading）：{0}',
  'rows of {0} tokens cannot be packed; expected an integer from 2':
    '不能打包成 {0} 个 token 的行；应为从 2 起的整数',
  '{0}, preferred to rejected': '{0}，较好的与较差的',
  'there is no {0} answer; a preference needs the fields chosen and rejected':
    '没有 {0} 回答；偏好数据需要字段 chosen 和 rejected',
  'the template has a mask, but the tokenizer has no mask token; masks are for models like BERT':
    '模板中有掩码，但分词器没有掩码 token；掩码用于 BERT 这样的模型',
  "a template with soft tokens needs vocabSize, the model's, after which they come":
    '带软 token 的模板需要模型的 vocabSize，软 token 排在其后',
  'the field {0} is not of the form {"text": ["…"]}': '字段 {0} 不是 {"text": ["…"]} 的形式',
  'the field {0} is no list of 2 to 26 texts to choose from': '字段 {0} 不是 2 到 26 个可选文本的列表',
  "the field {0} is {1}, which is none of the choices; expected a letter, a number from 0, or a choice's text":
    '字段 {0} 为 {1}，不在选项之中；应为字母、从 0 起的数，或选项的文本',
  'the question has {0} tokens, which leaves no room for a context in {1}; shorten it':
    '问题有 {0} 个 token，在 {1} 个之内没有给上下文留出位置；请缩短',
  'a question and its context are joined by the tokenizer; leave the template out':
    '问题和上下文由分词器连接；请去掉模板',
  'the answer has no token in the context': '答案在上下文中没有对应的 token',
  'the field {0} {1}': '字段 {0} {1}',
  'is missing; the fields are {0}': '不存在；字段有 {0}',
  'has no answer; expected { "text": […], "answer_start": […] }, remove questions without an answer':
    '没有答案；应为 { "text": […], "answer_start": […] }，请删除没有答案的问题',
  'says that {0} is at character {1} of the context, where {2} is':
    '说 {0} 在上下文的第 {1} 个字符处，但那里是 {2}',
  'the field {0} is not of the form [["instruction", "answer"], …]':
    '字段 {0} 不是 [["instruction", "answer"], …] 的形式',
  'the field "{0}" has no text in {1}': '字段 "{0}" 没有 {1} 的文本',
  'the field {0} is empty; fill it in or remove the record': '字段 {0} 为空；请填写，或删除这条记录',
  'a fraction between 0 and 1, or a number from 1 to {0}': '0 到 1 之间的比例，或 1 到 {0} 的个数',
  'validation is {0} of {1} example|examples, expected {2}': 'validation 为 {1} 个样本中的 {0}，应为{2}',
  'there is one example, and validation takes one more; add rows':
    '只有一个样本，而验证还需要一个；请增加数据行',
  'only a prompt can have soft tokens; remove {soft:…}': '只有提示才能有软 token；请去掉 {soft:…}',
  'only a prompt can have a mask; remove it': '只有提示才能有掩码；请去掉',
  '{0}: expected a number of soft tokens as in {soft:5}, got {1}':
    '{0}：应为软 token 的个数，如 {soft:5}，得到 {1}',
  '{0}: a single "{1}"; write {field}, or use a Jinja template, {{ field }}, where single braces are text':
    '{0}：单独的 "{1}"；请写 {field}，或用 Jinja 模板 {{ field }}，其中单个花括号就是文本',
  'the fields are {0}: these are conversations, but this model has no chat template for them. Use a model that has one, or your own template, such as "{% for m in messages %}{{ m.content }}\\n{% endfor %}"':
    '字段有 {0}：这些是对话，但这个模型没有对话模板。请用带有对话模板的模型，或自己的模板，例如 "{% for m in messages %}{{ m.content }}\\n{% endfor %}"',
  'expected a prompt in prompt, instruction or input': '应在 prompt、instruction 或 input 中给出提示',
  'expected prompt and completion, input and output, instruction and output, or text':
    '应为 prompt 和 completion、input 和 output、instruction 和 output，或 text',
  'These look like a row of a table without a header: name its columns (--columns), such as label,text':
    '这像是没有表头的表格的一行：请给出列名（--columns），例如 label,text',
  'Set a template, such as {0}': '请设置模板，例如 {0}',
  'Set a template and a completion template, such as {0} and {1}': '请设置模板和补全模板，例如 {0} 和 {1}',
  'the fields are {0}; {1}. {2}': '字段有 {0}；{1}。{2}',
  'the fields are {0}; expected a text in {1}. {2}': '字段有 {0}；应在 {1} 中给出文本。{2}',
  'the prompt': '提示',
  'the tokenizer needs {0} tokens per character of these texts: the model hardly knows their language':
    '分词器对这些文本的每个字符需要 {0} 个 token：模型几乎不懂这种语言',
  'completions follow their prompts without a space, as in {0}: begin them with one, or end the prompts with a line break':
    '补全与提示之间没有空格，如 {0}：让补全以空格开头，或让提示以换行结尾',
  '{0} of {1} example|examples truncated': '{1} 个样本中有 {0} 个被截断',
  '{0} left out': '{0} 个被略去',
  'too long: {0}': '过长：{0}',
  'the verbalizer': '标签词',
  'the word {0} has no token': '词 {0} 没有 token',
  '{0} and {1} start with the same token, {2}; use other words':
    '{0} 和 {1} 以同一个 token {2} 开头；请用其他词',
  'words of labels have many tokens with this model ({0}): shorter ones are surer and faster':
    '标签词在这个模型中有很多 token（{0}）：更短的词更可靠、更快',
  'expected at least two labels': '至少需要两个标签',
  'the label {0} needs at least one non-empty word': '标签 {0} 至少需要一个非空的词',
  'the word {0} belongs to both {1} and {2}': '词 {0} 同时属于 {1} 和 {2}',
  'the label {0} is not in the verbalizer, which has {1}': '标签 {0} 不在标签词之中，其中有 {1}',
  'vocabSize is {0}; expected a whole number of at least {1} ({2} bytes and {3} special tokens)':
    'vocabSize 为 {0}；应为至少 {1} 的整数（{2} 个字节和 {3} 个特殊 token）',
  '{0} leaves merges out at random, so that no text has certain ids':
    '{0} 会随机略去合并规则，文本因此没有确定的 id',
  '{0} has no token, and the unknown token {1} is none either': '{0} 没有 token，而未知 token {1} 也不存在',
  'is of {0}, which the vocabulary lacks': '用到 {0}，词表中没有它',
  'is not two tokens': '不是两个 token',
  'the decoder {0} is not supported': '不支持解码器 {0}',
  'expected a list of names such as "tokenizer.4.0.0.json"': '应为名字的列表，例如 "tokenizer.4.0.0.json"',
  'expected a text, or texts with names: [{"name": "default", "template": "…"}]':
    '应为文本，或带名字的文本：[{"name": "default", "template": "…"}]',
  '{0} is not supported: {1}': '不支持 {0}：{1}',
  'the model {0} is not supported': '不支持模型 {0}',
  'the normalizer {0} is not supported': '不支持规范化器 {0}',
  'it is broken: {0}': '它有误：{0}',
  'a string': '字符串',
  'true or false': 'true 或 false',
  'a whole number of at least 0': '至少为 0 的整数',
  'one character': '一个字符',
  'one of {0}': '下列之一：{0}',
  'the tokenizers library gives it {0}, since the vocabulary {1}': 'tokenizers 库给它的是 {0}，因为词表{1}',
  'has it': '有它',
  'and the added tokens before it end there': '和它之前添加的 token 到此为止',
  '{0} has the id {1}, and {2}; correct the id': '{0} 的 id 为 {1}，而{2}；请更正 id',
  'the post-processor {0} is not supported': '不支持后处理器 {0}',
  'a token with its id': '带 id 的 token',
  '{0} ({1}): it follows another template': '{0}（{1}）：它跟在另一个模板之后',
  '{0} ({1}): the template for one text has a second': '{0}（{1}）：单段文本的模板中出现了第二段',
  'expected a Sequence, A or B, or a SpecialToken with its id':
    '应为 Sequence（A 或 B），或带 id 的 SpecialToken',
  'the special token {0} is not in special_tokens': '特殊 token {0} 不在 special_tokens 之中',
  'a list of token ids': 'token id 的列表',
  'the pre-tokenizer {0} is not supported': '不支持预分词器 {0}',
  'false does not go with the prepend_scheme "{0}"': 'false 不能与 prepend_scheme "{0}" 并用',
  'at least 1': '至少为 1',
  'it is {0}, and the additional special tokens have {1} of them':
    '它为 {0}，而附加的特殊 token 占其中 {1} 个',
  'a token: text, or an object with its content': 'token：文本，或带内容的对象',
  'a list of tokens': 'token 的列表',
  'expected a token id': '应为 token id',
  'has the id {0} here, and the tokenizers library gives it {1}; correct the id':
    '在这里的 id 为 {0}，而 tokenizers 库给它的是 {1}；请更正 id',
  'an array of tokens with their scores': '带分数的 token 的数组',
  'entry {0}, {1}, is not a token with its score': '第 {0} 项 {1} 不是带分数的 token',
  '{0} is not a token of the {1} there are': '{0} 不在 {1} 个 token 之中',
  '{0}: {1} has no token, and there is no unknown token (unk_id)':
    '{0}：{1} 没有 token，也没有未知 token（unk_id）',
  '{0} is not supported for {1}; write a tokenizer.json with transformers':
    '{1} 不支持 {0}；请用 transformers 写出 tokenizer.json',
  'vocab.json and merges.txt': 'vocab.json 和 merges.txt',
  'write a tokenizer.json beside it with transformers: AutoTokenizer.from_pretrained("{0}").save_pretrained("{1}")':
    '请用 transformers 在旁边写出 tokenizer.json：AutoTokenizer.from_pretrained("{0}").save_pretrained("{1}")',
  'the tokenizer is {0} alone, which is not read; {1}': '分词器只有 {0}，无法读取；{1}',
  'no tokenizer here; expected tokenizer.json, vocab.json and merges.txt, or vocab.txt':
    '这里没有分词器；应为 tokenizer.json、vocab.json 和 merges.txt，或 vocab.txt',
  '{0} is there twice': '{0} 出现两次',
  'expected two tokens with a space between, found {0}': '应为以空格分隔的两个 token，得到 {0}',
  'makes {0}, which vocab.json lacks; the two files do not belong together':
    '得到 {0}，而 vocab.json 中没有；两个文件不匹配',
  '{0}token {1}': '{0}token {1}',
  'expected a token id near 0 to {0}, found {1}': '应为 0 到 {0} 附近的 token id，得到 {1}',
  'has the id {0}, which {1} has too': '的 id 为 {0}，{1} 也是',
  '{0} is not in the vocabulary': '{0} 不在词表中',
  'rejected answers teach something with the loss dpo or orpo alone':
    '只有损失为 dpo 或 orpo 时，才能从被拒绝的回答中学习',
  'the first answer, or "{0}"': '第一个答案，或 "{0}"',
  'questions: {0} → {1}': '问题：{0} → {1}',
  'questions about a text (SQuAD): {0} and {1} → {2}': '关于文本的问题（SQuAD）：{0} 和 {1} → {2}',
  'questions with choices: {0} → the letter of {1}': '选择题：{0} → {1} 的字母',
  ' and ': ' 和 ',
  'instructions (Alpaca): {0} → {1}': '指令（Alpaca）：{0} → {1}',
  'translations: {0} → {1}': '翻译：{0} → {1}',
  'texts and their summaries: {0} → {1}': '文本及其摘要：{0} → {1}',
  'labeled texts: {0} → {1}': '带标签的文本：{0} → {1}',
  '{0}, in Chinese': '{0}，用中文',

  // Found by `said`.
  'expected the name of an encoding, such as latin1, windows-1251, gbk, big5, shift_jis or utf-16le':
    '应为编码的名字，例如 latin1、windows-1251、gbk、big5、shift_jis 或 utf-16le',
  'fields of messages': '消息的字段',
  'calls of tools (tool_calls)': '工具调用（tool_calls）',
  tools: '工具',
  question: '问题',
  context: '上下文',
  text: '文本',
  completion: '补全',
  English: '英文',
  Chinese: '中文',

  // Faults of a Parquet file.
  'the file ends too early': '文件过早结束',
  'a page has the unknown type {0}': '有一页的类型 {0} 未知',
  'a page has a level of {0}, at most {1}': '有一页的层级是 {0}，至多为 {1}',
  'a page has a dictionary that is missing': '有一页的字典缺失',
  'a page has the entry {0} of a dictionary of {1}': '有一页引用了 {1} 项字典中的第 {0} 项',
  'a page has the encoding {0}, which {1} cannot have': '有一页的编码是 {0}，{1} 不能有这种编码',
  'a page has {0} bytes unpacked, expected {1}': '有一页解压后是 {0} 字节，应为 {1}',
  'it is packed by {0}, which is not supported': '它用 {0} 压缩，不受支持',
  'a page has more than {0} bytes unpacked': '有一页解压后超过 {0} 字节',
  'a page ends too early': '有一页过早结束',
  'a number of a page has more than 64 bits': '有一页的数超过 64 位',
  'values of {0} bits in a page': '有一页的值为 {0} 位',
  'a page has the encoding BYTE_STREAM_SPLIT for {0}': '有一页对 {0} 使用编码 BYTE_STREAM_SPLIT',
  'a page has blocks of {0} values in {1} parts': '有一页的块有 {0} 个值，分为 {1} 部分',
  'a page has {0} values, expected {1}': '有一页有 {0} 个值，应为 {1}',
  'a text of a page shares more than there is': '有一页的文本所共用的部分超出已有内容',
  'the texts of a page have more than {0} bytes': '有一页的文本超过 {0} 字节',
  'its metadata is nested more than {0} deep': '其元数据的嵌套超过 {0} 层',
  'its metadata has more than {0} values': '其元数据的值超过 {0} 个',
  'its metadata has a value of the unknown type {0}': '其元数据有类型 {0} 未知的值',
  'its metadata ends too early': '其元数据过早结束',
  'its metadata has a number of more than 64 bits': '其元数据有超过 64 位的数',
  'the key {0} is there twice': '键 {0} 出现了两次',
  '{0}, column {1}': '{0}，列 {1}',
  'expected {0} column|columns ({1}), found {2}': '应为 {0} 列（{1}），得到 {2} 列',
  'only {0}': '只有 {0}',
  '{0} has {1}': '{0} 有 {1} 个',
};
