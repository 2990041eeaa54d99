/**
 * @file The help in Chinese, by its English text: descriptions of commands and arguments, headings, and of options the
 *   description and the default, each without what `help.ts` translates by itself. A test compares it with the help.
 */
export const helpZh: Readonly<Record<string, string>> = {
  // Titles and sentences around the lists of options.
  'Usage:': '用法：',
  'Options:': '选项：',
  'Commands:': '命令：',
  'Arguments:': '参数：',
  'Examples:': '示例：',
  'Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted.':
    '退出码：0 成功，1 失败，2 命令行有误，130 被中断。',
  'In texts, \\n stands for a line break, \\t for a tab and \\\\ for a backslash.':
    '在文本中，\\n 表示换行，\\t 表示制表符，\\\\ 表示反斜杠。',
  'A prompt from standard input loses its last line break.': '从标准输入读取的提示去掉最后一个换行。',
  'Standard input has one input per line.': '标准输入每行一个输入。',
  'In examples, trained tokens are colored or in ⟦ ⟧.': '样本中，参与训练的 token 带颜色或写在 ⟦ ⟧ 中。',
  'Every line of standard input is a text, or a JSON object with a question and its context.':
    '标准输入的每行是一段文本，或带有 question 和 context 的 JSON 对象。',
  'language of the output: en, zh; before or after a command (default: by LC_ALL or LANG)':
    '输出的语言：en、zh；写在命令之前或之后（默认：由 LC_ALL 或 LANG 决定）',
  'print this help': '显示这份帮助',
  'print the version': '显示版本',
  'display help for command': '显示某个命令的帮助',

  // Headings.
  'Model:': '模型：',
  'Data:': '数据：',
  'Run:': '运行：',
  'Method:': '方法：',
  'Training:': '训练：',
  'Device:': '设备：',
  'Texts:': '文本：',
  'Sampling (default: always take the most likely token):': '采样（默认：总取最可能的 token）：',
  'Other ways to choose tokens:': '选取 token 的其他方式：',
  'Speed:': '速度：',
  'Files:': '文件：',
  'Where it is computed (with --data):': '在哪里计算（用于 --data）：',
  'Where it is computed:': '在哪里计算：',
  'Server:': '服务器：',
  'Limits:': '限制：',
  'Labels by words:': '用词表示标签：',
  'Data (as in training, for comparable results):': '数据（与训练时相同，结果才可比较）：',
  'Data (as in training):': '数据（与训练时相同）：',
  'Metrics of answers:': '回答的指标：',
  'Rows:': '数据行：',
  'What is compared:': '比较什么：',
  'Output:': '输出：',
  'Graph:': '计算图：',
  'Selector:': '选择器：',
  'Inputs:': '输入：',
  'Search:': '搜索：',
  'Search by gradients (gcg, pez):': '用梯度搜索（gcg、pez）：',
  'Search by another language model (opro):': '用另一个语言模型搜索（opro）：',
  'Adapters:': '适配器：',
  'Runs:': '运行：',
  'Changes:': '更改：',
  'Model (whose tokenizer and length count):': '模型（以它的分词器和长度为准）：',
  'Hub:': 'Hub：',
  'Queue:': '队列：',
  'also show this queue of works: redis://host:port (default: PROMPTUNE_QUEUE, if it is set)':
    '同时显示这个工作队列：redis://host:port（默认：PROMPTUNE_QUEUE，如已设置）',
  'End:': '结束：',
  'Deaths:': '意外终止：',

  // Commands and arguments.
  'Learn prompts for language models, measure them, and generate with them.':
    '为语言模型学习提示，评估它们，并用它们生成文本。',
  'learn a soft prompt about cats for the bundled model in about a minute, without a download':
    '用大约一分钟为自带的模型学习一个关于猫的软提示，无需下载',
  'train a soft prompt or another adapter on data': '用数据训练软提示或其他适配器',
  'continue prompts, with an adapter or without': '续写提示，可用适配器，也可不用',
  'chat with a model in its own chat format; adapters can be switched in between':
    '按模型自己的对话格式与它对话；中途可以更换适配器',
  'serve an OpenAI-compatible API: one model with any number of adapters':
    '提供与 OpenAI 兼容的 API：一个模型，任意多个适配器',
  'label texts or their words, or find answers in them, with a head trained by train --task-type; or label texts by words (--verbalizer)':
    '用 train --task-type 训练的头给文本或其中的词打标签，或在文本中寻找答案；或用标签词给文本打标签（--verbalizer）',
  'loss and perplexity on a data set, or metrics of generated or chosen answers, compared with the model without the adapter; with a head, loss and accuracy':
    '数据集上的损失和困惑度，或生成、选出的回答的指标，并与不用适配器的模型比较；有头时为损失和准确率',
  'train and score several methods, seeds and data sizes as configured in a YAML file; or compare the predictions of two runs':
    '按 YAML 文件的配置训练并评估多种方法、种子和数据量；或比较两次运行的预测',
  'a configuration (.yaml), or two files that eval wrote with --predictions':
    '一份配置（.yaml），或 eval 用 --predictions 写出的两个文件',
  'compare prompts on labeled rows: written by hand, with examples, searched and learned; with what each costs':
    '在带标签的数据行上比较提示：手写的、带示例的、搜索得到的和学习得到的，以及各自的代价',
  "show an adapter's configuration and size, and the nearest tokens of each virtual token; or, with --graph, its graph":
    '显示适配器的配置、大小，以及与每个虚拟 token 最近的 token；使用 --graph 时显示它的计算图',
  'folder of the adapter or of its run, such as runs/cats': '适配器或其运行的文件夹，例如 runs/cats',
  'choose the best of several prompts for each input, with a model that predicts it':
    '用一个预测模型为每个输入从几个提示中选出最好的',
  'train a selector of prompts from their losses on a data set': '根据各个提示在数据集上的损失训练选择器',
  'evaluate a selector on other data, compared with every candidate alone and the best per row':
    '在其他数据上评估选择器，并与单独使用每个候选、以及每行都选最好的候选比较',
  'its folder': '它的文件夹',
  'choose a prompt for each input, and generate with it': '为每个输入选一个提示，并用它生成文本',
  'search for a text prompt: by gradients (gcg, pez), or by asking another language model (opro)':
    '搜索文本提示：用梯度（gcg、pez），或询问另一个语言模型（opro）',
  'merge an adapter (LoRA, IA3) into the weights of its model, which then needs no adapter':
    '把适配器（LoRA、IA3）并入模型的权重，之后不再需要适配器',
  'combine adapters of one kind: an average (of LoRAs, a sum), or prompts one after the other':
    '组合同一种适配器：求平均（LoRA 为求和），或把提示前后相接',
  'convert an adapter or model: a soft prompt to a prefix for PEFT, or to GGUF for llama.cpp':
    '转换适配器或模型：把软提示转换为 PEFT 的前缀，或转换为 llama.cpp 的 GGUF',
  'train your own GPT-2 from scratch: a tokenizer and all weights from texts':
    '从零训练你自己的 GPT-2：用文本训练分词器和全部权重',
  'list the runs in a folder, or compare runs with their curves': '列出文件夹中的运行，或比较几次运行的曲线',
  'folders of runs, or runs': '存放运行的文件夹，或运行',
  'inspect data before training': '训练前检查数据',
  'show rows, token lengths, truncation, duplicates, labels, empty fields and example prompts':
    '显示行数、token 长度、截断、重复、标签、空字段和示例提示',
  'a data file, or hf:owner/name': '数据文件，或 hf:owner/name',
  'list local models, or show what a name is or would download':
    '列出本地的模型，或说明一个名字是什么、会下载什么',
  'a folder, a GGUF file, or a model of the Hugging Face Hub':
    '文件夹、GGUF 文件，或 Hugging Face Hub 的模型',
  'upload an adapter to the Hugging Face Hub, and print its address':
    '把适配器上传到 Hugging Face Hub，并显示地址',
  'owner/name on the Hub; the repository is created if needed': 'Hub 上的 owner/name；没有这个仓库时会创建',
  'compute cells, batches and rows that other commands put into a queue':
    '计算其他命令放入队列的单元、批次和数据行',
  'look at a queue of works: what waits, runs and failed, and which workers there are':
    '查看任务队列：哪些在等待、运行或已失败，有哪些工作进程',
  'count what waits, runs and failed, and list the workers': '统计等待、运行和失败的任务，并列出工作进程',
  'print the status as metrics for Prometheus': '以 Prometheus 的指标格式输出状态',
  'list works that failed, and why': '列出失败的任务及原因',
  'put all works that failed back into the queue': '把所有失败的任务放回队列',
  'remove all works that no worker has at hand; results in stores stay':
    '移除没有工作进程在处理的所有任务；存储中的结果保留',

  // Models.
  'a folder, or a model of the Hugging Face Hub': '文件夹，或 Hugging Face Hub 的模型',
  'promptune-mini, which is included in promptune': 'promptune-mini，随 promptune 提供',
  'the one that the adapter names, if it is on this machine': '适配器记录的模型，如果本机上有',
  'the one that the selector names': '选择器记录的模型',
  "the model's branch, tag or commit on the Hub": '模型在 Hub 上的分支、标签或提交',
  "precision of the model's matrices in memory": '模型矩阵在内存中的精度',
  'auto, as stored': 'auto，与文件中相同',
  'compares several': '可给出多个来比较',
  'use only local files; also HF_HUB_OFFLINE=1': '只使用本地文件；也可设 HF_HUB_OFFLINE=1',
  download: '下载',
  'trained adapter, such as runs/cats; several are combined in the given order':
    '训练好的适配器，例如 runs/cats；多个按给出的顺序组合',
  'the model alone': '只用模型',
  'task to use, for an adapter with several tasks': '使用哪个任务，用于有多个任务的适配器',
  'trained adapter, such as runs/cats': '训练好的适配器，例如 runs/cats',
  'do not ask the Hub; also HF_HUB_OFFLINE=1': '不询问 Hub；也可设 HF_HUB_OFFLINE=1',
  'ask it about models that are not local': '询问不在本地的模型',
  'print one JSON object per model': '每个模型输出一个 JSON 对象',
  'a table, or a few lines': '表格，或几行文字',
  'list them all': '列出全部',

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
  do: '是',
  'do not': '否',
  'the prompt, with fields in braces, such as "{question}\\n", or in Jinja, "{{ question }}\\n"':
    '提示，字段写在花括号中，例如 "{question}\\n"，或用 Jinja 写作 "{{ question }}\\n"',
  'the completion, such as " {answer}"': '补全，例如 " {answer}"',
  'by the layout of the data': '由数据的形式决定',
  'maximum number of tokens of an example': '每个样本最多的 token 数',
  "the model's context minus the virtual tokens": '模型的上下文长度减去虚拟 token 数',
  'the length that --max-positions sets': '--max-positions 设定的长度',
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
  'another split, to count rows that are in both': '另一份划分，统计两者共有的行',
  'examples to show': '显示多少个样本',

  // Runs.
  'folder of the run, new or empty; the adapter goes into its adapter/':
    '运行的文件夹，新建或为空；适配器放在其中的 adapter/',
  'prompts to continue before the first step, every --sample-every steps and at the end; a JSON object for a template with several fields; may be repeated (default: none)':
    '在第一步之前、每隔 --sample-every 步以及结束时续写的提示；模板有多个字段时为 JSON 对象；可重复给出（默认：无）',
  'steps between two continuations of --sample-prompts (default: as for validations)':
    '两次续写 --sample-prompts 之间的步数（默认：与验证相同）',
  "steps between two snapshots of a prompt's vectors, which show how they moved (default: none); methods without such vectors keep none":
    '两次保存提示向量快照之间的步数，用来显示向量如何移动（默认：无）；没有这类向量的方法不保存',
  "also write TensorBoard event files into the run's folder": '同时在运行的文件夹中写入 TensorBoard 事件文件',
  'a YAML file of settings, which flags override (see --dry-run for its keys)':
    '设置的 YAML 文件，命令行选项优先（各键见 --dry-run）',
  'a configuration included in the package, with rows to start from': '随包提供的配置，附有起步用的数据',
  'first choose learning rate, length and start of the prompt by short runs, where they are not given':
    '先用几次短的运行选出没有给出的学习率、提示长度和初始值',
  'resume the run in --output, with its own configuration unless another is given':
    '恢复 --output 中的运行；没有另给配置时使用它自己的配置',
  'with --resume: resume although the data, the weights or the tokenizer changed since the run began':
    '用于 --resume：即使数据、权重或分词器在运行开始后有变化，也恢复',
  'delete the run in --output first': '先删除 --output 中的运行',
  'check everything, print the whole configuration and a summary of the run, and stop':
    '检查一切，显示完整的配置和运行的概况，然后停止',
  'also report the curves to an MLflow server (default address: MLFLOW_TRACKING_URI)':
    '同时把曲线报告给 MLflow 服务器（默认地址：MLFLOW_TRACKING_URI）',
  'print one JSON object per line, for programs': '每行输出一个 JSON 对象，供程序读取',
  'resume the run in --output': '恢复 --output 中的运行',
  'folder of the run': '运行的文件夹',
  'number of steps': '步数',

  // Where work is computed.
  'processes of this machine that work at once': '本机同时工作的进程数',
  'a queue at redis://host:port, whose workers compute; without a value: PROMPTUNE_QUEUE':
    'redis://host:port 上的队列，由其工作进程计算；不给值时：PROMPTUNE_QUEUE',
  'workers of this purpose alone, such as big-memory': '只用这一用途的工作进程，例如 big-memory',
  'those of none': '没有用途的',
  'where results are kept for all machines: a folder that they share, or s3://bucket/prefix; without a value, and with --queue or --part: PROMPTUNE_STORE':
    '为所有机器保存结果的地方：共享的文件夹，或 s3://bucket/prefix；不给值而使用 --queue 或 --part 时：PROMPTUNE_STORE',
  'compute this share alone, such as 3/100, into the store; without it the same command gathers all':
    '只计算这一份，例如 3/100，放入存储；不带它的同一命令汇总全部',
  all: '全部',
  'the class of machines whose results are wanted': '需要哪一类机器的结果',
  'that of this machine': '本机的类别',

  // Methods.
  'task to train for': '训练的任务',
  'labels of a head, in order': '头的标签，按顺序',
  'those of the data': '数据中的标签',
  method: '方法',
  'join several by + to train them together': '用 + 连接多种方法，一起训练',
  'P, the length of the soft prompt': 'P，软提示的长度',
  'that of --init-text or --init-adapter, else 20': '--init-text 或 --init-adapter 的长度，否则 20',
  'what it starts from': '从什么开始',
  'as the other init options imply, else sample-vocab': '由其他初始化选项决定，否则 sample-vocab',
  'the text that it starts from, repeated or cut to P tokens': '作为起点的文本，重复或截断到 P 个 token',
  'names of the classes, whose mean embeddings it starts from': '类别的名字，从它们的平均嵌入开始',
  'an earlier adapter to continue from': '从更早的适配器继续',
  'learn W, from the identity on, in prompt = W x for the embeddings x of --init-text':
    '学习 prompt = W x 中的 W（从单位矩阵开始），x 为 --init-text 的嵌入',
  'learn the prompt itself': '学习提示本身',
  'the first layer that sees the prompt, from 1': '最先看到提示的层，从 1 数起',
  'the middle one': '中间一层',
  'the encoder that computes the prompt': '计算提示的编码器',
  "predicts how each text's prompt differs from the shared one, from the text's hidden states there":
    '根据每段文本在该层的隐藏状态，预测它的提示与共享提示的差别',
  'width of the bottleneck that predicts': '用于预测的瓶颈的宽度',
  'layers of the LSTM; the MLP has three': 'LSTM 的层数；MLP 有三层',
  'train it through a randomly initialized MLP over a table': '通过随机初始化的 MLP 和一张表来训练',
  'positions at its start that stay frozen': '开头保持冻结的位置数',
  'a text file to use in place of --init-text': '代替 --init-text 的文本文件',
  'a data file with the few examples that make the prompt': '构成提示的少量示例的数据文件',
  'template of an example, with its fields in braces; the last field is its label':
    '示例的模板，字段写在花括号中；最后一个字段是标签',
  'ε, how far the words of inputs may move': 'ε，输入的词可以移动多远',
  'ε, how far the words around inputs and labels may move': 'ε，输入和标签周围的词可以移动多远',
  'that of --init-adapter, else 0.1': '--init-adapter 的值，否则 0.1',
  'that of --init-adapter, else 1': '--init-adapter 的值，否则 1',
  'γ, the weight of the last label; earlier ones have γ², γ³, …': 'γ，最后一个标签的权重；更早的为 γ²、γ³……',
  'number of tasks; each has its own data file, in order': '任务数；每个任务按顺序有自己的数据文件',
  "rank of a task's factors": '每个任务的因子的秩',
  "what new tasks take besides the shared prompt: the mean of the earlier tasks' factors, those of --init-task, or nothing":
    '新任务在共享提示之外取什么：先前任务的因子的平均、--init-task 的因子，或什么都不取',
  'the task to use with --init-from task': '与 --init-from task 一起使用的任务',
  'the network that predicts the prompt from the input': '根据输入预测提示的网络',
  "what it reads: the frozen model's last hidden states of the input (one more pass), or its embeddings, which are free":
    '它读取什么：冻结模型对输入的最后一层隐藏状态（多一次前向传播），或不需额外计算的嵌入',
  'states in causal models': '因果模型中为 states',
  'M, the number of prompts in the pool': 'M，池中提示的个数',
  'N, how many of them go before a text': 'N，放在文本之前的提示个数',
  'vectors per prompt; N times as many are put before a text': '每个提示的向量数；放在文本之前的是它的 N 倍',
  'λ, how strongly keys are pulled towards the inputs that choose them': 'λ，键被拉向选中它们的输入的强度',
  'rank of the update': '更新的秩',
  'the update is scaled by alpha / r': '更新乘以 alpha / r',
  'names or suffixes of linear layers, all-linear, or a regular expression':
    '线性层的名字或后缀、all-linear，或正则表达式',
  'those of PEFT for the family': 'PEFT 为该模型族规定的层',
  'indices of the layers to change': '要改变的层的序号',
  'scale by alpha / √r instead': '改为乘以 alpha / √r',
  "also learn the norms of the weights' rows (DoRA)": '同时学习权重各行的范数（DoRA）',
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
  'with dpo, how close to the frozen model the answers stay; with orpo, the weight of the odds ratio':
    '对 dpo，回答与冻结模型保持多近；对 orpo，几率比的权重',
  'peak learning rate': '学习率的峰值',
  'with several methods the highest, keeping their ratios': '多种方法时取最高的，保持它们的比例',
  'examples per forward and backward pass': '每次前向和反向传播的样本数',
  'batches per step': '每步的批次数',
  'passes over the data': '遍历数据的次数',
  '3, but at least 200 and at most 1000 steps': '3，但至少 200 步、至多 1000 步',
  'total number of steps': '总步数',
  'by epochs': '由遍数决定',
  'the optimizer': '优化器',
  "decay of the gradients' mean": '梯度均值的衰减率',
  "decay of the squared gradients' mean": '梯度平方均值的衰减率',
  'avoids division by zero': '避免除以零',
  "the optimizer's weight decay": '优化器的权重衰减',
  'fraction of the last update that is kept in the next': '上一次更新保留到下一次的比例',
  "use Nesterov's momentum": '使用 Nesterov 动量',
  'the mean of squared gradients decays at step t by 1 - t^decayRate':
    '在第 t 步，梯度平方的均值按 1 - t^decayRate 衰减',
  'largest root mean square of an update, before the learning rate': '更新的均方根的上限（乘以学习率之前）',
  'how the learning rate decays after the warm-up': '预热之后学习率如何衰减',
  'steps over which the learning rate rises from 0': '学习率从 0 上升的步数',
  'a twentieth of all steps': '全部步数的二十分之一',
  'the same, as a fraction of all steps': '同上，写成全部步数的比例',
  'by --warmup-steps': '由 --warmup-steps 决定',
  'gradients are clipped to this norm; 0 disables clipping': '梯度裁剪到这一范数；0 为不裁剪',
  'steps between validations': '两次验证之间的步数',
  'one epoch if epochs are given, or else a twentieth of all steps':
    '给出遍数时为一遍，否则为全部步数的二十分之一',
  'steps between checkpoints': '两个检查点之间的步数',
  'as for validations': '与验证相同',
  'stop after this many validations without improvement; 0: never': '这么多次验证没有改善后停止；0：从不',
  'seed of the data order and of random initial values': '数据顺序和随机初始值的种子',
  'compute the layers again in the backward pass: less memory, longer steps':
    '反向传播时重新计算各层：内存更少，每步更久',
  "precision of the frozen layers' hidden states that are kept between epochs, where that saves work":
    '各遍之间保留的冻结层隐藏状态的精度（在能省计算时）',
  'largest size of the kept states in MB': '保留的隐藏状态的最大大小，单位 MB',
  'device to compute on': '计算设备',
  'threads to compute with': '计算线程数',
  'one per core': '每个核一个',

  // Generation.
  'text to continue; may be repeated for a batch; a JSON object for a template with several fields':
    '要续写的文本；可重复给出，作为一个批次；模板有多个字段时为 JSON 对象',
  'standard input': '标准输入',
  'put each prompt into this, such as "{question}\\nAnswer:"':
    '把每个提示放入这个模板，例如 "{question}\\nAnswer:"',
  'as the adapter was trained': '与适配器训练时相同',
  "each prompt is a user's message, formatted by the model's chat template; prints only the answer":
    '每个提示是用户的一条消息，由模型的对话模板渲染；只显示回答',
  'do not format prompts as messages, though the adapter was trained on conversations':
    '不把提示渲染成消息，即使适配器是用对话训练的',
  'take the prompt as it is, however the adapter was trained': '原样使用提示，不论适配器如何训练',
  'with --chat: tools that the model may call, as a JSON list in the form of OpenAI':
    '用于 --chat：模型可以调用的工具，OpenAI 格式的 JSON 列表',
  'with --chat: system message before it': '用于 --chat：在它之前的系统消息',
  'that of the template': '模板自己的',
  'maximum number of tokens to generate': '最多生成的 token 数',
  'stop before this text': '在这段文本之前停止',
  'the text is JSON that is valid by the JSON Schema in this file': '文本是符合此文件中 JSON Schema 的 JSON',
  'print one JSON object per prompt, at the end': '最后每个提示输出一个 JSON 对象',
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
  'texts to continue: rows with a prompt, the fields of a template, or a conversation, as in training':
    '要续写的文本：带有提示、模板的字段或对话的数据行，与训练时相同',
  'with --data: write one JSON object per row to this file, once all are there':
    '用于 --data：全部完成后把每行的一个 JSON 对象写入此文件',
  'with --data: rows that are generated together': '用于 --data：一起生成的行数',
  'system message': '系统消息',

  // Serving.
  'a folder such as runs: every run or adapter in it is a model of the API':
    '一个文件夹，例如 runs：其中每个运行或适配器都是 API 的一个模型',
  'a selector, which is a model too: it continues each text with the prompt that it chooses':
    '选择器，也是一个模型：用它选出的提示续写每段文本',
  'port to listen on; 0: any free port': '监听的端口；0：任意空闲端口',
  'address to listen on': '监听的地址',
  'reachable from this machine only': '只能从本机访问',
  'who may ask, for which models and how much': '谁可以请求、请求哪些模型、多少次',
  'whoever reaches it': '任何能访问的人',
  'a name besides localhost under which it is reached': '除 localhost 外访问它所用的名字',
  'a second port, for loading adapters and for metrics, with the token in PROMPTUNE_ADMIN_TOKEN':
    '第二个端口，用于加载适配器和查看指标，令牌在 PROMPTUNE_ADMIN_TOKEN 中',
  'where the second port listens': '第二个端口监听的地址',
  'a stream that has been silent so long gets a comment, which keeps connections open; 0: none':
    '流静默这么久后发送一条注释，以保持连接；0：不发送',
  'at its end, how long it waits for running requests': '结束时等待进行中的请求的时间',
  'most requests that run at once': '同时运行的请求数的上限',
  'most requests that wait; others are refused': '等待的请求数的上限；其余的被拒绝',
  'most positions that the cache of all requests may hold': '所有请求的缓存可容纳的位置数的上限',
  'as many as they can need': '它们可能需要的数目',
  'most LoRAs and the like that run at once': '同时运行的 LoRA 等适配器的上限',
  'highest rank of a LoRA': 'LoRA 的最高秩',

  'open a page to learn prompts, try them, look into them and compare runs':
    '打开网页，学习提示、试用提示、查看提示，并比较运行',
  'where runs and adapters are, and new runs go; it is made if it is missing':
    '运行和适配器所在、新运行存放的文件夹；没有时会创建',
  'Server (it is also that of the command serve):': '服务器（也是命令 serve 的服务器）：',
  'print the address without opening a browser': '只显示地址，不打开浏览器',

  // Labeling.
  'a text to label': '要打标签的文本',
  'lines of standard input': '标准输入的各行',
  'a question about --context': '关于 --context 的问题',
  'the text that contains the answers': '包含答案的文本',
  'print one JSON object per text': '每段文本输出一个 JSON 对象',
  'the words of a label, such as 1=great,good': '一个标签的词，例如 1=great,good',
  'records to label; with labels the accuracy is printed too': '要打标签的记录；带有标签时也显示准确率',
  'the prompt; of several the log-probabilities are averaged': '提示；给出多个时对数概率取平均',
  'as the adapter was trained, or else by the layout of the data': '与适配器训练时相同，否则由数据的形式决定',
  'what the word stands in': '词所在的文本',
  'as the adapter was trained, or else " {label}"': '与适配器训练时相同，否则 " {label}"',
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
  'choose the most likely of these completions instead of generating': '不生成，而从这些补全中选最可能的',
  'the field of the right answer, or of a list of right answers': '正确答案或正确答案列表的字段',
  'the completion': '补全',
  'write every row with its answer and scores to this file, as JSON lines':
    '把每行及其回答和得分以 JSON 行写入此文件',
  'write a self-contained HTML page to this file': '把一个自足的 HTML 网页写入此文件',
  'examples per batch; only affects speed': '每个批次的样本数；只影响速度',
  'print the results as a JSON object': '以 JSON 对象输出结果',
  'print the results as JSON': '以 JSON 输出结果',
  'print the result as a JSON object': '以 JSON 对象输出结果',
  'metrics to compare two files of predictions by': '比较两个预测文件所用的指标',
  'those that they have scores of': '文件中有得分的指标',
  'metrics of generated texts, of which the first decides': '生成文本的指标，以第一个为准',
  'accuracy of labels': '标签的准确率',
  'with metrics: the field of the right answer, or of a list of right answers':
    '用于 metrics：正确答案或正确答案列表的字段',
  'with metrics: most tokens of an answer': '用于 metrics：回答最多的 token 数',
  'as many as the longest to learn from': '与用于学习的最长回答相同',
  'labeled rows to learn from': '用于学习的带标签的数据行',
  'labeled rows to measure on': '用于评估的带标签的数据行',
  'the words of a label, such as 1=great': '一个标签的词，例如 1=great',
  'the labels themselves': '标签本身',
  'a template written by hand, with a row of its own in the table': '手写的模板，在表中自成一行',
  'how many examples stand before an input, in two of the rows': '其中两行在输入之前放多少个示例',
  'a method of training to compare, or head, a LoRA with a head': '要比较的训练方法，或 head（带头的 LoRA）',
  'steps of the search for a text (PEZ); 0: none is searched': '搜索文本（PEZ）的步数；0：不搜索',
  'steps of training': '训练的步数',
  'as in training': '与训练时相同',
  'seed of examples, of the search and of training': '示例、搜索和训练的种子',
  'write a page with the table': '写出带有表格的网页',

  // Inspection and runs.
  'tokens to show per virtual token': '每个虚拟 token 显示多少个 token',
  'print every tensor, field and virtual token': '显示全部张量、字段和虚拟 token',
  'print everything as a JSON object': '以 JSON 对象输出全部内容',
  'print the graph that ONNX Runtime executes instead, one node per line':
    '改为显示 ONNX Runtime 执行的计算图，每行一个节点',
  'method of the graph, without an adapter': '没有适配器时计算图的方法',
  'order by a column, such as validation, or a key of the configuration, such as learningRate; -key: descending':
    '按一列排序，例如 validation，或按配置的一个键，例如 learningRate；-key：降序',
  'list only such runs, as in method=lora': '只列出符合条件的运行，如 method=lora',
  'also show these keys of the configuration, comma-separated, such as learningRate,seed':
    '同时显示配置的这些键，用逗号分隔，例如 learningRate,seed',
  'draw the loss of all runs': '画出所有运行的损失曲线',
  'if the arguments are runs': '参数是运行时',
  'print one JSON object per run': '每次运行输出一个 JSON 对象',
  'keep a note with the named runs; an empty one removes it': '给所指的运行写一条备注；空备注会移除原有的',
  'delete the named runs, with their adapters and checkpoints': '删除所指的运行，连同适配器和检查点',
  'unlock the named runs, if their process ran on another machine or in another container and is gone':
    '给所指的运行解锁，如果它的进程在另一台机器或另一个容器中且已不在',

  // Selection and search.
  'the prompts to choose from: a list in YAML or JSON (see docs/selection.md)':
    '供选择的提示：YAML 或 JSON 列表（见 docs/selection.md）',
  'rows with an input and the expected answer: .jsonl, .json, .csv, .tsv':
    '带有输入和预期回答的数据行：.jsonl、.json、.csv、.tsv',
  'rows that decide which epoch is kept: a file, or a share (below 1) or number of the rows':
    '决定保留哪一遍的数据行：文件，或数据行的比例（小于 1）或个数',
  'field of the input': '输入的字段',
  'input, text or prompt, whichever the first row has': 'input、text 或 prompt，取首行所有的',
  'the answer, such as " {label}", for candidates without their own':
    '回答，例如 " {label}"，用于没有自己的回答的候选',
  'the field completion or output': '字段 completion 或 output',
  "network that reads the frozen model's hidden states": '读取冻结模型的隐藏状态的网络',
  'of the soft targets softmax(-loss/temperature), with losses in nats per answer':
    '软目标 softmax(-loss/temperature) 的温度，损失以每个回答的奈特计',
  'width of the Transformer': 'Transformer 的宽度',
  'layers of the Transformer': 'Transformer 的层数',
  'initial learning rate, which decays to 0': '初始学习率，衰减到 0',
  "AdamW's weight decay": 'AdamW 的权重衰减',
  'passes over the rows; the best epoch on the validation rows is kept':
    '遍历数据行的次数；保留在验证行上最好的一遍',
  'rows per step': '每步的行数',
  'seed of the split, the order of rows and initial values': '划分、行的顺序和初始值的种子',
  "the selector's folder; losses that it holds already are not computed again":
    '选择器的文件夹；其中已有的损失不再计算',
  'replace the selector that is there': '替换已有的选择器',
  'print events and results as JSON objects, one per line': '以 JSON 对象输出事件和结果，每行一个',
  'print events as JSON objects, one per line': '以 JSON 对象输出事件，每行一个',
  'an input': '一个输入',
  "rows whose fields the candidates' templates use: .jsonl, .json, .csv, .tsv or .txt":
    '含有候选模板所用字段的数据行：.jsonl、.json、.csv、.tsv 或 .txt',
  'only print the chosen candidate': '只显示选出的候选',
  'generate with it': '用它生成',
  'print one JSON object per input': '每个输入输出一个 JSON 对象',
  'examples: .jsonl, .json, .csv, .tsv or .txt': '样本：.jsonl、.json、.csv、.tsv 或 .txt',
  'held-out data to compare texts on: a file, or a fraction (below 1) or number of the examples':
    '用于比较文本的留出数据：文件，或样本的比例（小于 1）或个数',
  'how to search': '如何搜索',
  'the text to start from': '作为起点的文本',
  'random tokens; opro: no prompt': '随机 token；opro：没有提示',
  'length of the prompt; opro: maximum length': '提示的长度；opro：最大长度',
  'that of --init-text, else 10; opro: 64': '--init-text 的长度，否则 10；opro：64',
  'steps; opro: requests': '步数；opro：请求数',
  'gcg: prompts with one replaced token to evaluate per step; opro: instructions per request':
    'gcg：每步评估多少个替换了一个 token 的提示；opro：每次请求的指令数',
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
  'write the result, its history and all settings to a JSON file': '把结果、过程和全部设置写入 JSON 文件',

  // Files of models and adapters.
  'folder to write, for --model; or a .gguf file, for llama.cpp':
    '写入的文件夹，供 --model 使用；或供 llama.cpp 使用的 .gguf 文件',
  'type of the stored weights': '保存的权重的类型',
  'float32, in .gguf float16; bfloat16 is for folders, q8_0 and q4_1 for .gguf':
    'float32，.gguf 中为 float16；bfloat16 用于文件夹，q8_0 和 q4_1 用于 .gguf',
  'an adapter, such as runs/cats; repeat it for each': '一个适配器，例如 runs/cats；每个适配器各写一次',
  'average or concatenate': '求平均（average）或相接（concatenate）',
  'weights of an average, one per adapter, such as 0.3,0.7': '平均的权重，每个适配器一个，例如 0.3,0.7',
  'equal weights that add up to 1': '相等且和为 1',
  'folder of the new adapter, which must not exist yet': '新适配器的文件夹，必须尚不存在',
  'prefix: keys and values of a soft prompt; gguf: a LoRA, or the model without --adapter; huggingface: a model, such as a GGUF file, as a folder for transformers':
    'prefix：软提示的键和值；gguf：LoRA，或不带 --adapter 时为模型；huggingface：把 GGUF 文件等模型写成 transformers 的文件夹',
  'folder to write, or file for gguf': '写入的文件夹；gguf 为文件',
  'type of the weights of a model': '模型权重的类型',
  'float32, for gguf float16; bfloat16 is not for gguf, and q8_0 and q4_1 are for gguf alone':
    'float32，gguf 为 float16；bfloat16 不用于 gguf，q8_0 和 q4_1 只用于 gguf',
  'use the tokenizer.json in this folder': '使用此文件夹中的 tokenizer.json',
  'learn one from the texts': '用文本训练一个',
  'tokens of the learned tokenizer': '训练的分词器的 token 数',
  'width of the model': '模型的宽度',
  layers: '层数',
  'heads per layer': '每层的头数',
  'longest text in tokens; also the length of the rows it is trained on':
    '最长的文本的 token 数；也是训练所用的行的长度',
  'create a private repository; an existing one must be private': '创建私有仓库；已有的仓库必须是私有的',
  public: '公开',
  "the base model's name on the Hub, such as openai-community/gpt2":
    '基座模型在 Hub 上的名字，例如 openai-community/gpt2',
  "the adapter's": '适配器记录的',
  'list what would be uploaded, print the README.md, and send nothing':
    '列出将要上传的内容，显示 README.md，不发送任何东西',

  // Queues.
  'end after so long without work, such as 10m': '这么久没有任务后结束，例如 10m',
  'end after so many works': '完成这么多任务后结束',
  never: '从不',
  'how soon the work of a dead worker goes to another, for all workers alike':
    '终止的工作进程的任务多久后交给另一个，对所有工作进程相同',
  'give a work up that has ended more workers than this': '任务使超过这么多工作进程终止后放弃它',
  'redis://host:port': 'redis://host:port',
  'print JSON': '输出 JSON',
  'print a JSON object': '输出 JSON 对象',
};
