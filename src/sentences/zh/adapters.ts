/** @file What the library says about adapters and methods, in Chinese. */
import type { Sentences } from '../../say.js';

export const adapters: Sentences = {
  'the adapter {0} was trained for {1}, but is used with {2}':
    '适配器 {0} 是为 {1} 训练的，现在却与 {2} 一起使用',
  'the adapter {0} was trained on other weights than those of {1}, so its results may be wrong':
    '适配器 {0} 训练时所用的权重与 {1} 的不同，结果可能有误',
  'expected at least two adapters to combine, got {0}': '组合至少需要两个适配器，得到 {0} 个',
  '{0} has a head, which was trained for that adapter; only adapters without a head can be combined':
    '{0} 带有为该适配器训练的头；只有不带头的适配器才能组合',
  '{0} is not a finite number': '{0} 不是有限的数',
  'expected {0} weights, one per adapter, got {1}': '应有 {0} 个权重（每个适配器一个），得到 {1} 个',
  'weights are for an average only; leave them out': '权重只用于求平均；请去掉',
  '{0} cannot be combined in this way, only {1}': '{0} 不能这样组合，可以的只有 {1}',
  '{0} cannot be combined with {1} of {2}; use adapters of one kind, or use both together without combining them':
    '{0} 不能与 {2} 的 {1} 组合；请用同一种适配器，或不组合而同时使用两者',
  '{0}: llama.cpp only loads LoRA adapters; merge the adapter if possible, and convert the model':
    '{0}：llama.cpp 只加载 LoRA 适配器；请尽可能合并适配器，再转换模型',
  '{0}: a {1} of llama.cpp has no such layer to change': '{0}：llama.cpp 的 {1} 没有可供更改的这一层',
  'a GGUF file cannot hold a head for labels; use it as an adapter':
    'GGUF 文件放不下用于标签的头；请作为适配器使用',
  '{0}: a {1} of llama.cpp has no such tensor': '{0}：llama.cpp 的 {1} 没有这个张量',
  '{0} has no tokenizer.json, which the GGUF file needs': '{0} 没有 GGUF 文件所需的 tokenizer.json',
  'the export of a prompt as a prefix': '把提示导出为前缀',
  '{0}: each task is a prefix of its own; choose one (tasks.adapterFor)':
    '{0}：每个任务各是一个前缀；请选一个（tasks.adapterFor）',
  '{0} makes a prompt from each text, but a prefix is the same for all texts':
    '{0} 为每段文本生成提示，而前缀对所有文本都相同',
  '{0} has no virtual tokens to make a prefix from': '{0} 没有可用来生成前缀的虚拟 token',
  "{0} also changes the model's layers, which a prefix cannot; export the part that is a prompt":
    '{0} 还会改变模型的层，前缀做不到这一点；请只导出其中的提示部分',
  'these are the files of a whole model, not of an adapter; save them, and load that model':
    '这些是整个模型而不是适配器的文件；请先保存，再加载那个模型',
  "AdapterHub's adapters of type {0} are not supported, only {1}":
    '不支持 AdapterHub 的 {0} 类型的适配器，只支持 {1}',
  '{0} is not supported; expected one of {1}': '不支持 {0}；应为下列之一：{1}',
  'it is {0}, but {1} has no encoder': '值为 {0}，但 {1} 没有编码器',
  'adapters of type {0} are not supported, only {1}': '不支持 {0} 类型的适配器，只支持 {1}',
  'it exists already; choose another folder, or remove this one': '已经存在；请换一个文件夹，或删除它',
  'the adapter was trained to label texts ({0}), and a merged model would be without its head; use it as an adapter':
    '这个适配器是为给文本打标签而训练的（{0}），合并后的模型会失去它的头；请作为适配器使用',
  'its prompt comes before every text, which weights cannot do': '它的提示位于每段文本之前，权重做不到这一点',
  'no weights of the model compute the same': '模型的任何权重都算不出同样的结果',
  'an adapter of the method {0} cannot be merged into the model: {1}; use it as an adapter':
    '方法为 {0} 的适配器不能并入模型：{1}；请作为适配器使用',
  'an adapter of the method {0} cannot be taken out of weights: {1}':
    '方法为 {0} 的适配器不能从权重中取出：{1}',
  'with DoRA they do not tell how long the rows were before; keep the model that it was merged into':
    '使用 DoRA 时无法由它们得知各行原来的长度；请保留合并之前的模型',
  'it cannot be merged either': '它也不能合并',
  'a factor of it is zero; keep the model that it was merged into': '它的一个系数为零；请保留合并之前的模型',
  "{0} virtual tokens leave no room in the model's {1} positions": '{0} 个虚拟 token 占满了模型的 {1} 个位置',
  'there is no adapter to compose; expected at least one': '没有可叠加的适配器；至少需要一个',
  '{0} has soft tokens in the template {1}; use it alone, or train all methods in one run':
    '{0} 的软 token 在模板 {1} 中；请单独使用，或在一次运行中训练所有方法',
  '{0} was trained to label texts ({1}), and its head was not trained with other adapters; use it alone':
    '{0} 是为给文本打标签而训练的（{1}），它的头没有与其他适配器一起训练过；请单独使用',
  '{0} and {1} both have tasks, but a text can have only one task; select a task of one of them first (tasks.adapterFor)':
    '{0} 和 {1} 都有任务，但一段文本只能有一个任务；请先选定其中一个的任务（tasks.adapterFor）',
  '{0} has a prompt per task, and another adapter one per text; select a task first (tasks.adapterFor)':
    '{0} 的提示随任务而定，另一个适配器的提示随文本而定；请先选定任务（tasks.adapterFor）',
  '{0} changes layers in a way that rows of one batch cannot have apart':
    '{0} 改变层的方式使同一批次的各行无法各自不同',
  '{0} and {1} are the same adapter; load its folder twice to use it twice':
    '{0} 和 {1} 是同一个适配器；要用两次，请把它的文件夹加载两次',
  'a prompt that enters at a later layer cannot follow or precede another prompt; use only one of them':
    '从后面的层进入的提示不能与另一个提示前后相接；请只用其中一个',
  'two adapters replace the parameter {0}; use only one of them': '两个适配器都替换参数 {0}；请只用其中一个',
  'its head knows the labels {0}, but this run has {1}; list the same labels in the same order':
    '它的头的标签为 {0}，而这次运行的标签为 {1}；请按同样的顺序给出同样的标签',
  'a random head': '随机的头',
  'a head that labels texts': '给文本打标签的头',
  '{0}: the head needs {1}, which the files of {2} do not have; use a model that was saved with it':
    '{0}：头需要 {1}，但 {2} 的文件中没有；请用保存时带有它的模型',
  'the adapter was trained to label texts ({0}), not to generate them; use it with classify':
    '这个适配器是为给文本打标签（{0}）而不是生成文本训练的；请用于 classify',
  '{0} does not support {1}, a {2} model with an encoder: {3}; use one that does, such as prompt-tuning or lora':
    '{0} 不支持 {1}：这是带编码器的 {2} 模型，{3}；请改用支持它的方法，例如 prompt-tuning 或 lora',
  'it was made for one stack of layers': '该方法是为单一的层栈设计的',
  '{0} has soft tokens in the template {1}; use it alone': '{0} 的软 token 在模板 {1} 中；请单独使用',
  '{0} replaces weights of the model ({1}), which rows of one batch share; use it alone':
    '{0} 替换模型的权重（{1}），而同一批次的各行共用权重；请单独使用',
  'the adapter': '适配器',
  '{0} has {1} tasks; choose one of them first (adapter.tasks.adapterFor)':
    '{0} 有 {1} 个任务；请先选一个（adapter.tasks.adapterFor）',
  'it is [{0}]': '它是 [{0}]',
  'it is missing; found {0}': '缺少该项；找到的有 {0}',
  'not named': '未注明',
  'expected [{0}], {1}; the adapter was trained for another model ({2})':
    '应为 [{0}]，但{1}；这个适配器是为另一个模型训练的（{2}）',
  '{0} has no soft tokens for a template; remove {soft:…} from it':
    '{0} 没有供模板使用的软 token；请去掉其中的 {soft:…}',
  'the template has {0} soft tokens, but numVirtualTokens is {1}; leave it out or make them equal':
    '模板有 {0} 个软 token，而 numVirtualTokens 为 {1}；请去掉它，或使两者相等',
  'two of its parts have a bottleneck behind {0}, which rows of one batch cannot have':
    '其中两部分在 {0} 之后都有瓶颈，同一批次的各行无法如此',
  '{0} has no encoder to attend to; leave the option out': '{0} 没有可关注的编码器；请去掉这个选项',
  'U = 0 in {0} bottlenecks of {1} ({2}): the unchanged model': '{0} 个 {1} 的瓶颈（{2}）中 U = 0：模型不变',
  'it gives {0} {1}, and this run has {2}; give the options that the adapter was learned with':
    '它给出的 {0} 为 {1}，这次运行的为 {2}；请给出适配器训练时的选项',
  'there is no layer {0}; expected 0 to {1}': '没有第 {0} 层；应为 0 到 {1}',
  'this leaves out all layers, so nothing would be trained': '这样会去掉所有的层，没有可训练的东西',
  'use only one of {0}': '{0} 只能用一个',
  '{0} of {1} virtual tokens would be frozen, which leaves nothing to train':
    '{1} 个虚拟 token 中要冻结 {0} 个，没有可训练的东西',
  'numVirtualTokens is {0}, but the text has {1} tokens; use a longer text, or leave the option out':
    'numVirtualTokens 为 {0}，但文本有 {1} 个 token；请用更长的文本，或去掉这个选项',
  "the text's {0} tokens leave no room in the model's {1} positions; cut it with numVirtualTokens":
    '文本的 {0} 个 token 占满了模型的 {1} 个位置；请用 numVirtualTokens 截短',
  'the file has no text to start from': '文件中没有可作为起点的文本',
  'expected an integer up to {0}, the number of virtual tokens, got {1}':
    '应为不超过虚拟 token 数 {0} 的整数，得到 {1}',
  'the prompt is made of a few examples; set it to a data file': '提示由几个示例构成；请设为数据文件',
  '{0}; use one of the two': '{0}；两者只用其一',
  'initAdapter has its own examples': 'initAdapter 自带示例',
  'the examples are given as rows': '示例以数据行给出',
  'a prompt of examples (cpt)': '由示例构成的提示（cpt）',
  "the examples' {0} tokens leave no room in the model's {1} positions; use fewer examples":
    '示例的 {0} 个 token 占满了模型的 {1} 个位置；请减少示例',
  'the examples of {0}': '{0} 中的示例',
  'expected an adapter of type {0} to continue from, found {1}':
    '应为可继续训练的 {0} 类型的适配器，得到 {1}',
  '{0} has no token {1}': '{0} 没有 token {1}',
  'expected a number for each of the {0} virtual tokens, found {1}':
    '{0} 个虚拟 token 应各有一个数，得到 {1} 个',
  'the weights of {0}': '{0} 的权重',
  'the unchanged model': '模型不变',
  'ones in {0} layer|layers ({1}): the unchanged model': '{0} 层（{1}）的系数为 1：模型不变',
  'a pattern is not supported; expected a list of names': '不支持模式；应为名字的列表',
  'it scales other inputs than {0}': '它缩放的输入与 {0} 不同',
  'the hidden states of {0} depend on later tokens; use encoderReads embeddings':
    '{0} 的隐藏状态依赖后面的 token；请用 encoderReads embeddings',
  'its encoder reads {0}, and that of this run {1}; give encoderReads {2}':
    '它的编码器读取 {0}，这次运行的读取 {1}；请给出 encoderReads {2}',
  'the text {0}': '文本 {0}',
  '{0} random tokens of the vocabulary': '词表中随机的 {0} 个 token',
  '{0}, the same for every input': '{0}，对每个输入都相同',
  '{0} has only one layer; use prompt-tuning': '{0} 只有一层；请用 prompt-tuning',
  '{0} has no layer {1}; expected 1 to {2}': '{0} 没有第 {1} 层；应为 1 到 {2}',
  '{0}, the same for every text': '{0}，对每段文本都相同',
  'it is the width of the network that predicts prompts; give predicted too':
    '它是预测提示的网络的宽度；请同时给出 predicted',
  'it is {0}, and that of this run {1}; give encoderHiddenSize {2}':
    '它为 {0}，这次运行的为 {1}；请给出 encoderHiddenSize {2}',
  'it enters layer {0}, and that of this run layer {1}; give insertionLayer {2}':
    '它从第 {0} 层进入，这次运行的从第 {1} 层进入；请给出 insertionLayer {2}',
  'it is {0}, but the last layer of {1} is {2}': '它为 {0}，但 {1} 的最后一层是 {2}',
  'B = 0 in {0} layer|layers ({1}): the unchanged model': '{0} 层（{1}）中 B = 0：模型不变',
  'it multiplies the change of {0} by {1}, and this run by {2}': '它把 {0} 的改变乘以 {1}，这次运行乘以 {2}',
  '{0}; give the options that the adapter was learned with': '{0}；请给出适配器训练时的选项',
  'DoRA scales rows of the changed weight; a plain LoRA cannot hold that':
    'DoRA 缩放改变后的权重的各行；普通的 LoRA 无法表示',
  'expected true, since the file has the magnitudes of DoRA': '应为 true，因为文件中有 DoRA 的范数',
  'use it or initAdapter, not both': '它和 initAdapter 只能用一个',
  'there is no task {0}; expected 0 to {1}': '没有任务 {0}；应为 0 到 {1}',
  '{0} has {1} virtual token|tokens; leave numVirtualTokens out to use that number':
    '{0} 有 {1} 个虚拟 token；去掉 numVirtualTokens 即采用这个数目',
  'initTask is {0}, but {1} has the tasks 0 to {2}': 'initTask 为 {0}，但 {1} 的任务是 0 到 {2}',
  'the tasks of {0} ({1})': '{0} 的任务（{1}）',
  'it is {0}, but the tensor {1} has {2}': '它为 {0}，但张量 {1} 为 {2}',
  "a random {0}, whose prompt has the embeddings' scale": '随机的 {0}，其提示与嵌入同尺度',
  '"{0}" is not supported; expected one of {1}': '不支持 "{0}"；应为下列之一：{1}',
  "these values of original_ln_before and residual_before_ln add the model's residual {0}, which is not supported":
    'original_ln_before 和 residual_before_ln 的这些值把模型的残差加 {0}，不支持',
  "false puts the adapter after the model's own normalization, which is not supported":
    'false 把适配器放在模型自己的归一化之后，不支持',
  'the model and adapter_config.json have no use for this tensor; the adapter was made for another model ({0}), or with options that are not supported':
    '模型和 adapter_config.json 用不到这个张量；适配器是为另一个模型（{0}）制作的，或使用了不支持的选项',
  'it is no part of a LoRA of a linear layer': '它不是线性层 LoRA 的一部分',
  '{0} has no tensor of this name': '{0} 没有这个名字的张量',
  '{0} has this tensor, and this adapter has not': '{0} 有这个张量，而这个适配器没有',
  'it is {0}, and in {1} it is {2}; they must have the same sizes':
    '它为 {0}，而 {1} 中为 {2}；两者的大小必须相同',
  '{0} is repeated; expected each method once': '{0} 重复；每种方法应只出现一次',
  '{0} trains a whole model, so it cannot be combined with others':
    '{0} 训练整个模型，因此不能与其他方法组合',
  '{0} has nothing that {1} can continue from': '{0} 没有可供 {1} 继续训练的内容',
  'the label {0} is empty; fill it in or remove the record': '标签 {0} 为空；请填写，或删除这条记录',
  'examplesTemplate {0} has {1}; expected two or more, the last being the label, as in "{text} -> {label}"':
    'examplesTemplate {0} 有{1}；至少应有两个字段，最后一个是标签，例如 "{text} -> {label}"',
  'one field': '一个字段',
  'no field': '零个字段',
  'this run trains it as [{0}], but the adapter has {1}; use the options that the adapter was trained with':
    '这次运行训练的是 [{0}]，但适配器为 {1}；请用适配器训练时的选项',
  'no such tensor': '没有这个张量',
  'this run does not train it; use the options that the adapter was trained with':
    '这次运行不训练它；请用适配器训练时的选项',
  'it gives {0} the rank {1}, but the tensors of this layer have the rank {2}':
    '它给 {0} 的秩为 {1}，但这一层的张量的秩为 {2}',
  "{0} changes the base model's weights when PEFT loads the adapter, which is not supported; save it in PEFT as a plain LoRA (save_pretrained with path_initial_model_for_weight_conversion)":
    '{0} 会在 PEFT 加载适配器时改变基座模型的权重，不支持；请在 PEFT 中保存为普通的 LoRA（save_pretrained 加上 path_initial_model_for_weight_conversion）',
  '{0} is not supported; expected true, false, gaussian, eva or orthogonal':
    '不支持 {0}；应为 true、false、gaussian、eva 或 orthogonal',
  'a method that lets the model generate texts': '让模型生成文本的方法',
  '{0} is not a valid regular expression: {1}': '{0} 不是有效的正则表达式：{1}',
  'paths are read in training runs only; pass the content instead': '只有训练运行才读取路径；请直接传入内容',
  'these are whole embeddings, or a whole head, which PEFT saves if tokens were added or the layer was trained; merge the adapter with PEFT (merge_and_unload), and use that model':
    '这些是完整的嵌入或完整的头，PEFT 会在添加了 token 或训练了该层时保存它们；请用 PEFT 合并适配器（merge_and_unload），再使用那个模型',
  '{0} has no linear layer that this tensor belongs to; the adapter was made for another model ({1}), or with options that are not supported':
    '{0} 没有这个张量所属的线性层；适配器是为另一个模型（{1}）制作的，或使用了不支持的选项',
  'the adapter has no tensors': '适配器没有张量',
  'it {0} {1}, but the file has tensors of that layer, which PEFT would drop':
    '它{0} {1}，但文件中有那一层的张量，PEFT 会丢弃它们',
  'leaves out': '去掉了',
  'does not name': '没有指明',
  'leaves out the layer of': '去掉了所在的层',
  '{0} has {1} virtual token|tokens, but numVirtualTokens is {2}; leave it out to use {3}':
    '{0} 有 {1} 个虚拟 token，但 numVirtualTokens 为 {2}；去掉它即采用 {3}',
  'the adapter {0}': '适配器 {0}',
  'the tensor is missing; found {0}': '缺少这个张量；找到的有 {0}',
  'the prompt is [{0}], expected rows of vectors': '提示为 [{0}]，应为向量的各行',
  'the prompt is [{0}], expected at least one vector': '提示为 [{0}]，应至少有一个向量',
  'it is missing, and without one PEFT puts no prompt before a text':
    '缺少该项，没有它 PEFT 不会在文本之前放提示',
  'it makes {0} virtual tokens, but the tensor has {1}': '它产生 {0} 个虚拟 token，但张量有 {1} 个',
  "it is {0}, but the tensor's rows have {1} numbers": '它为 {0}，但张量的每行有 {1} 个数',
  'nothing in adapter_config.json says what this tensor is for': 'adapter_config.json 没有说明这个张量的用途',
  'the prompt is [{0}, {1}], but {2} needs rows of {3} numbers; it was trained for another model ({4})':
    '提示为 [{0}, {1}]，但 {2} 要求每行 {3} 个数；它是为另一个模型训练的（{4}）',
  'it makes a second prompt for a decoder behind an encoder, which {0} has not':
    '它为编码器之后的解码器生成第二个提示，而 {0} 没有',
  'it is {0}, but {1} has {2} layers': '它为 {0}，但 {1} 有 {2} 层',
  'the text {0} has no tokens to start a prompt from': '文本 {0} 没有可作为提示起点的 token',
  '{0} is not supported; expected {1}': '不支持 {0}；应为 {1}',
  'models of type {0} have no default layers; set targetModules':
    '{0} 类型的模型没有默认的层；请设置 targetModules',
  'targetModules {0} matches no layer of {1}; its layers have {2}':
    'targetModules {0} 不匹配 {1} 的任何一层；它的层有 {2}',
  'required by init "text"': 'init 为 "text" 时需要它',
  'an MLP starts from random values; leave out init and initText':
    'MLP 从随机值开始；请去掉 init 和 initText',
  "{0} tokens leave no room in the model's {1} positions": '{0} 个 token 占满了模型的 {1} 个位置',
  'a random MLP, whose keys and values have the scale of real ones': '随机的 MLP，其键和值与真实的同尺度',
  'expected at most poolSize': '至多应为 poolSize',
  "topN {0} times promptLength {1} leaves no room in the model's {2} positions":
    'topN {0} 乘以 promptLength {1} 占满了模型的 {2} 个位置',
  '{0} prompts of {1} random tokens of the vocabulary, with keys from {2}':
    '{0} 个提示，各取词表中随机的 {1} 个 token，键来自{2}',
  'random texts': '随机文本',
  'texts that the model generates': '模型生成的文本',
  'expected at most {0}, the size of the pool, found {1}': '至多应为池的大小 {0}，得到 {1}',
  'not used by init "{0}"': 'init 为 "{0}" 时用不到它',
  'required by init "{0}"': 'init 为 "{0}" 时需要它',
  'a projected prompt needs init "text" and initText': '投影的提示需要 init "text" 和 initText',
  'W_p = identity over {0}': 'W_p = 单位矩阵，作用于{0}',
  'method "{0}" is unknown; {1}': '未知的方法 "{0}"；{1}',
  '{0} does not support {1}, a {2} model whose tokens see those after them; use prompt-tuning':
    '{0} 不支持 {1}：它是 {2} 模型，其 token 能看到后面的 token；请用 prompt-tuning',
  'the keys and values of {0} random tokens of the vocabulary': '词表中随机的 {0} 个 token 的键和值',
  'the keys and values of {0} from layer {1} on': '{0} 从第 {1} 层起的键和值',
  '{0} random tokens': '随机的 {0} 个 token',
  'the states of {0} at layer {1}': '{0} 在第 {1} 层的隐藏状态',
  "{0} random vectors at the embeddings' scale": '与嵌入同尺度的 {0} 个随机向量',
  'the text {0} ({1} token|tokens)': '文本 {0}（{1} 个 token）',
  'the labels {0}': '标签 {0}',
  'the keys and values of the first {0} of {1} tokens of {2}': '{2} 的 {1} 个 token 中前 {0} 个的键和值',
  '{0} random keys and values per layer, at the scale of real ones': '每层 {0} 个与真实值同尺度的随机键和值',
  zeros: '零',
  'the keys and values of the text {0} ({1} token|tokens)': '文本 {0}（{1} 个 token）的键和值',

  // Found by `said`.
  'a cartridge is the cache of a text in a decoder, but here the encoder reads the texts':
    'cartridge 是解码器中一段文本的缓存，而这里由编码器读取文本',
  'heads that label texts need a single stack of layers': '给文本打标签的头需要单一的层栈',
  'its prompt enters between the layers of one stack': '它的提示从单一层栈的层间进入',
  'expected a number above 0, learned or channel': '应为大于 0 的数、learned 或 channel',
  'not supported; expected false': '不支持；应为 false',
  "expected an adapter's folder or, in code, an adapter": '应为适配器的文件夹，或（在代码中）适配器',
  'expected a name, or a list of names': '应为名字，或名字的列表',
  'expected the index of a layer, or a list of them': '应为层的序号，或序号的列表',
  '({0} token|tokens)': '（{0} 个 token）',
};
