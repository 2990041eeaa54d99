/**
 * @file Options in Chinese, by what their schemas say of them: what an option is, and its default. The help of the
 *   command line and the studio's forms have them from here; a key named in a sentence becomes its flag there, and its
 *   label here.
 */
import type { Sentences } from '../../say.js';

export const options: Sentences = {
  // Models.
  'a folder, or a model of the Hugging Face Hub': '文件夹，或 Hugging Face Hub 的模型',
  'promptune-mini, which is included in promptune': 'promptune-mini，随 promptune 提供',
  'the one that the adapter names, if it is on this machine': '适配器记录的模型，如果本机上有',
  'the one that the selector names': '选择器记录的模型',
  "the model's branch, tag or commit on the Hub": '模型在 Hub 上的分支、标签或提交',
  "precision of the model's matrices in memory": '模型矩阵在内存中的精度',
  'auto, as stored': 'auto，与文件中相同',

  // Data.
  'training data: .jsonl, .json, .csv, .tsv, .txt (also .gz), .parquet, or hf:owner/name':
    '训练数据：.jsonl、.json、.csv、.tsv、.txt（也可为 .gz）、.parquet 或 hf:owner/name',
  'test data: .jsonl, .json, .csv, .tsv, .txt (also .gz), .parquet, or hf:owner/name':
    '测试数据：.jsonl、.json、.csv、.tsv、.txt（也可为 .gz）、.parquet 或 hf:owner/name',
  'validation data: a file, or a fraction (below 1) or number of the training examples; 0: none':
    '验证数据：文件，或训练样本的比例（小于 1）或个数；0：不验证',
  'a tenth of 100 examples or more, at most 200': '样本不少于 100 个时取十分之一，最多 200 个',
  none: '无',
  'the encoding of text files without a byte order mark, such as latin1, gbk or shift_jis':
    '没有字节顺序标记的文本文件的编码，例如 latin1、gbk 或 shift_jis',
  'UTF-8, or UTF-16 where the bytes show it': 'UTF-8；从字节看出是 UTF-16 时按 UTF-16',
  'names of the columns of .csv and .tsv files without a header, in order':
    '没有表头的 .csv 和 .tsv 文件各列的名字，按顺序',
  'the first row names them': '首行为列名',
  'do not take the first row of .csv and .tsv files as the names of the columns':
    '不把 .csv 和 .tsv 文件的首行当作列名',
  do: '与此相反',
  'do not': '否',
  'the prompt, with fields in braces, such as "{question}\\n", or in Jinja, "{{ question }}\\n"':
    '提示，字段写在花括号中，例如 "{question}\\n"，或用 Jinja 写作 "{{ question }}\\n"',
  'the completion, such as " {answer}"': '补全，例如 " {answer}"',
  'by the layout of the data': '由数据的形式决定',
  'language of the words that the layout of the data adds, such as "Label:"':
    '数据的形式所加的词（例如 "Label:"、“标签：”）用哪种语言',
  'that of the labels or answers, or else of the texts': '与标签或答案相同，否则与文本相同',
  'as the adapter was trained, or else that of the words': '与适配器训练时相同，否则与标签的词相同',
  'maximum number of tokens of an example': '每个样本最多的 token 数',
  "the model's context minus the virtual tokens": '模型的上下文长度减去虚拟 token 数',
  'the length that maxPositions sets': 'maxPositions 设定的长度',
  'how longer examples are truncated: at the beginning of the prompt, at the end, or dropped':
    '如何截断更长的样本：截去提示的开头、截去末尾，或丢弃',
  'which tokens count in the loss': '哪些 token 计入损失',
  'do not append the end-of-text token to the completion and train on it':
    '不在补全之后加上文本结束 token 并训练它',
  "read records as conversations (a list `messages`, or ShareGPT's), in the model's chat format; trains on what the assistant says":
    '把记录读作对话（列表 `messages`，或 ShareGPT 的形式），按模型的对话格式；训练助手所说的内容',
  'words of a label, such as 1=great,good: the first is trained on in its place, or, in a task with a head, a vector that starts from all of them':
    '一个标签的词，例如 1=great,good：用第一个词代替标签来训练；有头的任务则用从全部词出发的一个向量',
  'the field of the label, with a head or a verbalizer, or of the tags of words':
    '标签的字段，用于头或标签词；或词的标注的字段',
  'label, or tags': 'label 或 tags',

  // Runs.
  'folder of the run, new or empty; the adapter goes into its adapter/':
    '运行的文件夹，新建或为空；适配器放在其中的 adapter/',
  'prompts to continue before the first step, every sampleEvery steps and at the end; a JSON object for a template with several fields; may be repeated (default: none)':
    '在第一步之前、每隔 sampleEvery 步以及结束时续写的提示；模板有多个字段时为 JSON 对象；可重复给出（默认：无）',
  'steps between two continuations of samplePrompts (default: as for validations)':
    '两次续写 samplePrompts 之间的步数（默认：与验证相同）',
  "steps between two snapshots of a prompt's vectors, which show how they moved (default: none); methods without such vectors keep none":
    '两次保存提示向量快照之间的步数，用来显示向量如何移动（默认：无）；没有这类向量的方法不保存',
  "also write TensorBoard event files into the run's folder": '同时在运行的文件夹中写入 TensorBoard 事件文件',

  // Where work is computed.
  all: '全部',

  // Methods.
  'task to train for': '训练的任务',
  'labels of a head, in order': '头的标签，按顺序',
  'those of the data': '数据中的标签',
  method: '方法',
  'join several by + to train them together': '用 + 连接多种方法，一起训练',
  'P, the length of the soft prompt': 'P，软提示的长度',
  'that of initText or initAdapter, else 20': 'initText 或 initAdapter 的长度，否则 20',
  'what it starts from': '从什么开始',
  'as the other init options imply, else sample-vocab': '由其他初始化选项决定，否则 sample-vocab',
  'the text that it starts from, repeated or cut to P tokens': '作为起点的文本，重复或截断到 P 个 token',
  'names of the classes, whose mean embeddings it starts from': '类别的名字，从它们的平均嵌入开始',
  'an earlier adapter to continue from': '从更早的适配器继续',
  'learn W, from the identity on, in prompt = W x for the embeddings x of initText':
    '学习 prompt = W x 中的 W（从单位矩阵开始），x 为 initText 的嵌入',
  'learn the prompt itself': '学习提示本身',
  'the first layer that sees the prompt, counted from 0 and at least 1':
    '最先看到提示的层，从 0 数起，至少为 1',
  'the middle one': '中间一层',
  'the encoder that computes the prompt': '计算提示的编码器',
  "predicts how each text's prompt differs from the shared one, from the text's hidden states there":
    '根据每段文本在该层的隐藏状态，预测它的提示与共享提示的差别',
  'width of the bottleneck that predicts': '用于预测的瓶颈的宽度',
  'layers of the LSTM; the MLP has three': 'LSTM 的层数；MLP 有三层',
  'train it through a randomly initialized MLP over a table': '通过随机初始化的 MLP 和一张表来训练',
  'positions at its start that stay frozen': '开头保持冻结的位置数',
  'a text file to use in place of initText': '代替 initText 的文本文件',
  'a data file with the few examples that make the prompt': '构成提示的少量示例的数据文件',
  'template of an example, with its fields in braces; the last field is its label':
    '示例的模板，字段写在花括号中；最后一个字段是标签',
  'ε: embeddings of the words of inputs move by at most ε·√(hidden / 2048)':
    'ε：输入的词的嵌入最多移动 ε·√(hidden / 2048)',
  'ε: embeddings of the words around inputs and labels move by at most ε·√(hidden / 2048)':
    'ε：输入和标签周围的词的嵌入最多移动 ε·√(hidden / 2048)',
  'that of initAdapter, else 0.1': 'initAdapter 的值，否则 0.1',
  'that of initAdapter, else 1': 'initAdapter 的值，否则 1',
  'γ, the weight of the last label; earlier ones have γ², γ³, …': 'γ，最后一个标签的权重；更早的为 γ²、γ³……',
  'number of tasks; each has its own data file, in order': '任务数；每个任务按顺序有自己的数据文件',
  "rank of a task's factors": '每个任务的因子的秩',
  "what new tasks take besides the shared prompt: the mean of the earlier tasks' factors, those of initTask, or nothing":
    '新任务在共享提示之外取什么：先前任务的因子的平均、initTask 的因子，或什么都不取',
  'the task to use with initFrom task': '与 initFrom task 一起使用的任务',
  'the network that predicts the prompt from the input': '根据输入预测提示的网络',
  "what it reads: the frozen model's last hidden states of the input (one more pass), or its embeddings, which are free":
    '它读取什么：冻结模型对输入的最后一层隐藏状态（多一次前向传播），或不需额外计算的嵌入',
  'states in causal models': '因果模型中为 states',
  'M, the number of prompts in the pool': 'M，池中提示的个数',
  'N, how many of them go before a text': 'N，放在文本之前的提示个数',
  'vectors per prompt; N times as many are put before a text': '每个提示的向量数；放在文本之前的是它的 N 倍',
  'λ, the weight of Σ (1 - cosine) over the chosen keys, which pulls them towards the input':
    'λ，所选各键的 Σ (1 - cosine) 的权重，它把这些键拉向输入',
  'rank of the update BA, with A [r, in] and B [out, r]': '更新 BA 的秩，A 为 [r, in]，B 为 [out, r]',
  'the update BA is scaled by alpha / r': '更新 BA 乘以 alpha / r',
  'names or suffixes of linear layers, all-linear, or a regular expression':
    '线性层的名字或后缀、all-linear，或正则表达式',
  'those of PEFT for the family': 'PEFT 为该模型族规定的层',
  'indices of the layers to change': '要改变的层的序号',
  'scale by alpha / √r instead (Kalajdzievski 2023)': '改为乘以 alpha / √r（Kalajdzievski 2023）',
  "also learn the norms of the weights' rows (DoRA, Liu et al. 2024)":
    '同时学习权重各行的范数（DoRA，Liu 等 2024）',
  'those whose input is scaled instead of their output': '缩放输入而非输出的层',
  "PEFT's for the family": 'PEFT 为该模型族规定的层',
  'whether the adapter reads the output of the sub-layer, its sum with the residual, or the residual only':
    '适配器读取子层的输出、输出与残差之和，还是只读残差',
  'the sub-layers that get an adapter': '加上适配器的子层',
  'both for houlsby, else feed-forward': 'houlsby 为 both，否则 feed-forward',
  'whether cross-attention gets an adapter too, in a model with an encoder':
    '在有编码器的模型中，交叉注意力是否也加适配器',
  'the bottleneck is this many times narrower than the model': '瓶颈比模型窄多少倍',
  '16, parallel 2': '16，parallel 为 2',
  'the activation function in the bottleneck': '瓶颈中的激活函数',
  'relu, houlsby swish': 'relu，houlsby 为 swish',
  'factor of the adapter: a number, learned (from 1 on), or channel, one learned per channel':
    '适配器的系数：一个数、learned（从 1 开始学习），或 channel（每个通道学习一个）',
  '1, parallel 4': '1，parallel 为 4',
  'indices of layers that get no adapter': '不加适配器的层的序号',
  'type of the saved weights; they are float32 during training': '保存的权重的类型；训练时为 float32',

  // Training.
  'what is minimized: the cross-entropy of the completion, or for rows with the answers `chosen` and `rejected` dpo or orpo':
    '最小化什么：补全的交叉熵；对于带有 `chosen` 和 `rejected` 回答的数据，也可为 dpo 或 orpo',
  'β: with dpo (Rafailov et al. 2023), how close to the frozen model the answers stay; with orpo (Hong et al. 2024), the weight of the odds ratio':
    'β：对 dpo（Rafailov 等 2023），回答与冻结模型保持多近；对 orpo（Hong 等 2024），几率比的权重',
  'peak learning rate': '学习率的峰值',
  'with several methods the highest, keeping their ratios': '多种方法时取最高的，保持它们的比例',
  'examples per forward and backward pass': '每次前向和反向传播的样本数',
  'batches per step': '每步的批次数',
  'passes over the data': '遍历数据的次数',
  '3, but at least 200 and at most 1000 steps': '3，但至少 200 步、至多 1000 步',
  'total number of steps': '总步数',
  'by epochs': '由轮数决定',
  'the optimizer': '优化器',
  "decay of the gradients' mean": '梯度均值的衰减率',
  "decay of the squared gradients' mean": '梯度平方均值的衰减率',
  'avoids division by zero': '避免除以零',
  "the optimizer's weight decay": '优化器的权重衰减',
  'fraction of the last update that is kept in the next': '上一次更新保留到下一次的比例',
  "use Nesterov's momentum": '使用 Nesterov 动量',
  'the mean of squared gradients decays at step t by 1 - t^decayRate (Shazeer and Stern 2018)':
    '在第 t 步，梯度平方的均值按 1 - t^decayRate 衰减（Shazeer 和 Stern 2018）',
  'largest root mean square of an update, before the learning rate': '更新的均方根的上限（乘以学习率之前）',
  'how the learning rate decays after the warm-up': '预热之后学习率如何衰减',
  'steps over which the learning rate rises from 0': '学习率从 0 上升的步数',
  'a twentieth of all steps': '全部步数的二十分之一',
  'the same, as a fraction of all steps': '同上，写成全部步数的比例',
  'by warmupSteps': '由 warmupSteps 决定',
  'gradients are clipped to this norm; 0 disables clipping': '梯度裁剪到这一范数；0 为不裁剪',
  'steps between validations': '两次验证之间的步数',
  'one epoch if epochs are given, or else a twentieth of all steps':
    '给出轮数时为一轮，否则为全部步数的二十分之一',
  'steps between checkpoints': '两个检查点之间的步数',
  'as for validations': '与验证相同',
  'stop after this many validations without improvement; 0: never': '这么多次验证没有改善后停止；0：从不',
  '5, in short runs those of 25 steps': '5；运行较短时为跨越 25 步的次数',
  'seed of the data order and of random initial values': '数据顺序和随机初始值的种子',
  'compute the layers again in the backward pass: less memory, longer steps':
    '反向传播时重新计算各层：内存更少，每步更久',
  "precision of the frozen layers' hidden states that are kept between epochs, where that saves work":
    '各轮之间保留的冻结层隐藏状态的精度（在能省计算时）',
  'largest size of the kept states in MB': '保留的隐藏状态的最大大小，单位 MB',
  'device to compute on': '计算设备',
  'threads to compute with': '计算线程数',
  'one per core': '每个核一个',

  // Generation.
  'as the adapter was trained': '与适配器训练时相同',
  'maximum number of tokens to generate': '最多生成的 token 数',
  'stop before this text': '在这段文本之前停止',
  'more random above 1, less below; 0 takes the most likely token':
    '大于 1 更随机，小于 1 更确定；0 取最可能的 token',
  'more random above 1, less below': '大于 1 更随机，小于 1 更确定',
  'draw from the n most likely tokens; 0: from all': '从最可能的 n 个 token 中抽取；0：从全部中抽取',
  'draw from the most likely tokens that add up to this probability':
    '从概率之和达到此值的最可能的 token 中抽取',
  'the same seed draws the same tokens': '相同的种子抽取相同的 token',
  'number of beams of beam search; 1: no beam search': '束搜索的束数；1：不用束搜索',
  'of beam search; above 0 favors longer texts': '用于束搜索；大于 0 偏向更长的文本',
  'above 1, tokens that occurred become less likely': '大于 1 时，出现过的 token 变得不太可能',
  'subtracted from the score of every token that was generated before': '从生成过的每个 token 的分数中减去',
  'subtracted once for each time that a token was generated before': 'token 每生成过一次就减去一次',
  'guess up to this many tokens per step from the text so far, for speed where it repeats':
    '每步从已有文本中猜测至多这么多 token，在文本重复时更快',

  // Labeling.
  'the words of a label, such as 1=great,good': '一个标签的词，例如 1=great,good',
  'records to label; with labels the accuracy is printed too': '要打标签的记录；带有标签时也显示准确率',
  'the prompt; of several the log-probabilities are averaged': '提示；给出多个时对数概率取平均',
  'as the adapter was trained, or else by the layout of the data': '与适配器训练时相同，否则由数据的形式决定',
  'what the word stands in': '词所在的文本',
  'as the adapter was trained, or else " {label}", without the space in Chinese':
    '与适配器训练时相同，否则 " {label}"（中文时不加空格）',
  '" {label}", without the space in Chinese': '" {label}"（中文时不加空格）',
  'the field of the label': '标签的字段',
  'as the adapter was trained, or else label': '与适配器训练时相同，否则 label',
  'what a label has of the probabilities of its words': '标签如何由其各词的概率得到',
  "divide each label's probability by the one that it has for inputs without content":
    '把每个标签的概率除以它在无内容输入下的概率',
  'labeled examples to put before each input': '放在每个输入之前的带标签的示例',
  'how many of the examples': '示例的个数',
  'how the examples are chosen': '如何选取示例',
  'draws the examples': '用于抽取示例',

  // Evaluation and comparison.
  'metrics of answers': '回答的指标',
  'loss and perplexity; for labels accuracy, macro-f1, mcc, ece':
    '损失和困惑度；对标签为 accuracy、macro-f1、mcc、ece',
  'with metrics of labels, those of the verbalizer': '用标签的指标时，为标签词所属的标签',
  'choose the most likely of these completions instead of generating': '不生成，而从这些补全中选最可能的',
  'the field of the right answer, or of a list of right answers': '正确答案或正确答案列表的字段',
  'the completion': '补全',
  'write every row with its answer and scores to this file, as JSON lines':
    '把每行及其回答和得分以 JSON 行写入此文件',
  'write a self-contained HTML page to this file': '把一个自足的 HTML 网页写入此文件',
  'examples per batch; only affects speed': '每个批次的样本数；只影响速度',
  'metrics of generated texts, of which the first decides': '生成文本的指标，以第一个为准',
  'accuracy of labels': '标签的准确率',
  'with metrics: the field of the right answer, or of a list of right answers':
    '用于 metrics：正确答案或正确答案列表的字段',
  'with metrics: maximum number of tokens of an answer': '用于 metrics：回答最多的 token 数',
  'as many as the longest to learn from': '与用于学习的最长回答相同',
  'labeled rows to learn from': '用于学习的带标签的数据行',
  'labeled rows to measure on': '用于评测的带标签的数据行',
  'the words of a label, such as 1=great': '一个标签的词，例如 1=great',
  'the labels themselves': '标签本身',
  'a template written by hand, with a row of its own in the table': '手写的模板，在表中自成一行',
  'how many examples stand before an input, in two of the rows': '其中两行在输入之前放多少个示例',
  'a method of training to compare, or head, a LoRA with a head': '要比较的训练方法，或 head（带头的 LoRA）',
  'steps of the search for a text (PEZ); 0: none is searched': '搜索文本（PEZ）的步数；0：不搜索',
  'steps of training': '训练的步数',
  'as in training': '与训练时相同',
  'seed of examples, of the search and of training': '示例、搜索和训练的种子',

  // Selection and search.
  'the prompts to choose from: a list in YAML or JSON (see docs/selection.md)':
    '供选择的提示：YAML 或 JSON 列表（见 docs/selection.md）',
  'rows with an input and the expected answer: .jsonl, .json, .csv, .tsv':
    '带有输入和预期回答的数据行：.jsonl、.json、.csv、.tsv',
  'rows that decide which epoch is kept: a file, or a share (below 1) or number of the rows':
    '决定保留哪一轮的数据行：文件，或数据行的比例（小于 1）或个数',
  'field of the input': '输入的字段',
  'input, text or prompt, whichever the first row has': 'input、text 或 prompt，取首行所有的',
  'the answer, such as " {label}", for candidates without their own':
    '回答，例如 " {label}"，用于没有自己的回答的候选',
  'the field completion or output': '字段 completion 或 output',
  "network that reads the frozen model's hidden states": '读取冻结模型的隐藏状态的网络',
  'of the soft targets softmax(-loss/temperature), with losses in nats per answer':
    '软目标 softmax(-loss/temperature) 的温度，损失以每个回答的 nat 计',
  'width of the Transformer': 'Transformer 的宽度',
  'layers of the Transformer': 'Transformer 的层数',
  'initial learning rate, which decays to 0': '初始学习率，衰减到 0',
  "AdamW's weight decay": 'AdamW 的权重衰减',
  'passes over the rows; the best epoch on the validation rows is kept':
    '遍历数据行的次数；保留在验证行上最好的一轮',
  'rows per step': '每步的行数',
  'seed of the split, the order of rows and initial values': '划分、行的顺序和初始值的种子',
  "the selector's folder; losses that it holds already are not computed again":
    '选择器的文件夹；其中已有的损失不再计算',
  'replace the selector that is there': '替换已有的选择器',
  'examples: .jsonl, .json, .csv, .tsv or .txt': '样本：.jsonl、.json、.csv、.tsv 或 .txt',
  'held-out data to compare texts on: a file, or a fraction (below 1) or number of the examples':
    '用于比较文本的留出数据：文件，或样本的比例（小于 1）或个数',
  'the text to start from': '作为起点的文本',
  'random tokens; opro: no prompt': '随机 token；opro：没有提示',
  'length of the prompt; opro: maximum length': '提示的长度；opro：最大长度',
  'that of initText, else 10; opro: 64': 'initText 的长度，否则 10；opro：64',
  'steps; opro: requests': '步数；opro：请求数',
  'gcg: prompts with one replaced token to evaluate per step; opro: instructions per request':
    'gcg：每步计算多少个替换了一个 token 的提示；opro：每次请求的指令数',
  'seed of random choices and of the data order': '随机选择和数据顺序的种子',
  'tokens that may be used': '可以使用的 token',
  'examples per step': '每步的样本数',
  'steps between comparisons on the held-out data': '两次在留出数据上比较之间的步数',
  'tokens per position that the gradient proposes': '梯度为每个位置提出的 token 数',
  'of AdamW': '用于 AdamW',
  'an OpenAI-compatible service, such as http://localhost:11434/v1':
    '与 OpenAI 兼容的服务，例如 http://localhost:11434/v1',
  'name of the model at the service': '服务中模型的名字',
  'key for the service': '服务的密钥',
  'the environment variable PROMPTUNE_API_KEY': '环境变量 PROMPTUNE_API_KEY',
  'training examples to show the service': '给服务看的训练样本数',
  'timeout of one answer of the service': '服务一次回答的超时',

  // Files of models and adapters.
  'use the tokenizer.json in this folder': '使用此文件夹中的 tokenizer.json',
  'learn one from the texts': '用文本训练一个',
  'tokens of the learned tokenizer': '训练的分词器的 token 数',
  'width of the model': '模型的宽度',
  layers: '层数',
  'heads per layer': '每层的头数',
  'longest text in tokens; also the length of the rows it is trained on':
    '最长的文本的 token 数；也是训练所用的行的长度',

  // Said in forms alone, or by one method among several.
  'the text whose hidden states it starts from': '作为起点的文本，取它的隐藏状态',
  'random tokens of the vocabulary': '词表中随机的 token',
  'random tokens': '随机的 token',
  'an earlier adapter to continue from, trained with the same options':
    '从更早的适配器继续，选项须与训练时相同',
  "its width; an LSTM's in each direction": '它的宽度；LSTM 为每个方向的宽度',
  "the model's own": '与模型相同',
  'P, the length of the prefix': 'P，前缀的长度',
  'that of initText, else 20': 'initText 的长度，否则 20',
  'what it starts from: keys and values of a text, of random tokens, random ones at that scale, or zeros':
    '从什么开始：一段文本或随机 token 的键和值、同尺度的随机数，或零',
  'text with initText, else sample-vocab': '有 initText 时为 text，否则为 sample-vocab',
  'the text whose keys and values it starts from, repeated or cut to P tokens':
    '作为起点的文本，取它的键和值，重复或截断到 P 个 token',
  'the text whose keys and values it starts from': '作为起点的文本，取它的键和值',
  'width of the MLP': 'MLP 的宽度',
  "that of a layer's keys": '与一层的键相同',
  'P, the length of the cache': 'P，缓存的长度',
  'that of the text or initAdapter, else 20': '文本或 initAdapter 的长度，否则 20',
  'the text whose cache it is, cut to P tokens': '要缓存的文本，截断到 P 个 token',
  'an earlier cartridge or prefix to continue from': '从更早的 cartridge 或前缀继续',
  'the few examples that make the prompt, as rows (in TypeScript)':
    '构成提示的少量示例，以数据行给出（在 TypeScript 中）',
  'an earlier adapter to continue from, with its examples': '从更早的适配器连同它的示例继续',
  'the text whose embeddings the shared prompt starts from': '共享提示的起点，取这段文本的嵌入',
  'an earlier multitask prompt for new tasks to start from': '新任务所依据的更早的多任务提示',
  'width of the bottleneck or of the Transformer': '瓶颈或 Transformer 的宽度',
  'the text that every prompt starts from': '每个提示都从这段文本开始',
  'ranks of layers whose name ends with the key, a regular expression':
    '名字以该键（正则表达式）结尾的层的秩',
  'alphas, in the same way': '同样方式给出的 alpha',
  'take the first row of .csv and .tsv files as the names of the columns':
    '把 .csv 和 .tsv 文件的首行当作列名',
  'append the end-of-text token to the completion and train on it': '在补全之后加上文本结束 token 并训练它',
  'pack texts into rows of maxLength tokens, splitting longer ones':
    '把文本打包成 maxLength 个 token 的行，切开更长的文本',
  'added to squared gradients': '加到梯度的平方上',
  'schedule of the learning rate': '学习率如何变化',
  'prompts to continue before the first step, every sampleEvery steps and at the end; a JSON object for a template with several fields':
    '在第一步之前、每隔 sampleEvery 步以及结束时续写的提示；模板有多个字段时为 JSON 对象',
};
