/**
 * @file The help in Chinese, by its English text: headings, commands and arguments, and the options that no schema
 *   describes. A test compares it with the help.
 */
import type { Sentences } from '../../../say.js';

export const help: Sentences = {
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
  'On SIGTERM and Ctrl-C, a worker gives the job at hand back, with its progress in the store.\nExit code 75: it could no longer fetch jobs; start it again.':
    '收到 SIGTERM 或按下 Ctrl-C 时，工作进程交回手头的任务，进度在存储中。\n退出码 75：无法再取得任务；请重新启动。',
  'Finished cells are kept: the same command goes on where it was stopped. A configuration has the keys\nof promptune train that all methods share, labels as in promptune eval, and besides:':
    '已完成的单元会保留：同样的命令从停止处继续。配置中可用 promptune train 的各方法共有的键、\npromptune eval 的 labels，以及：',
  'folder of all runs and of table.md, results.json and report.html':
    '存放所有运行以及 table.md、results.json 和 report.html 的文件夹',
  'test file': '测试文件',
  'what to compare: names of methods, or objects with name, method and settings':
    '比较什么：方法的名字，或带有 name、method 和设置的对象',
  'such as [1, 2, 3]': '例如 [1, 2, 3]',
  'numbers of training examples, drawn by the seed, such as [50, 200, all]':
    '训练样本的个数，按种子抽取，例如 [50, 200, all]',
  'such as [rouge-l]': '例如 [rouge-l]',
  'for labels accuracy, macro-f1, mcc, ece': '对标签为 accuracy、macro-f1、mcc、ece',
  'the field of the right answer in the test data': '测试数据中正确答案的字段',
  'how texts are generated': '如何生成文本',
  'also score the untuned model, first': '先给不用适配器的模型打分',
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
  'also show this queue of jobs: redis://host:port (default: PROMPTUNE_QUEUE, if it is set)':
    '同时显示这个工作队列：redis://host:port（默认：PROMPTUNE_QUEUE，如已设置）',
  'End:': '结束：',
  'Deaths:': '意外终止：',

  // Commands and arguments.
  'Learn prompts for language models, measure them, and generate with them.':
    '为语言模型学习提示，评测它们，并用它们生成文本。',
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
    '按 YAML 文件的配置训练并评测多种方法、种子和数据量；或比较两次运行的预测',
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
    '在其他数据上评测选择器，并与单独使用每个候选、以及每行都选最好的候选比较',
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
  'look at a queue of jobs: what waits, runs and failed, and which workers there are':
    '查看任务队列：哪些在等待、运行或已失败，有哪些工作进程',
  'count what waits, runs and failed, and list the workers': '统计等待、运行和失败的任务，并列出工作进程',
  'print the status as metrics for Prometheus': '以 Prometheus 的指标格式输出状态',
  'list jobs that failed, and why': '列出失败的任务及原因',
  'put all jobs that failed back into the queue': '把所有失败的任务放回队列',
  'remove all jobs that no worker has at hand; results in stores stay':
    '移除没有工作进程在处理的所有任务；存储中的结果保留',

  // Models.
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
  'another split, to count rows that are in both': '另一份划分，统计两者共有的行',
  'examples to show': '显示多少个样本',

  // Runs.
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
  'the class of machines whose results are wanted': '需要哪一类机器的结果',
  'that of this machine': '本机的类别',

  // Generation.
  'text to continue; may be repeated for a batch; a JSON object for a template with several fields':
    '要续写的文本；可重复给出，作为一个批次；模板有多个字段时为 JSON 对象',
  'standard input': '标准输入',
  'put each prompt into this, such as "{question}\\nAnswer:"':
    '把每个提示放入这个模板，例如 "{question}\\nAnswer:"',
  "each prompt is a user's message, formatted by the model's chat template; prints only the answer":
    '每个提示是用户的一条消息，由模型的对话模板渲染；只显示回答',
  'do not format prompts as messages, though the adapter was trained on conversations':
    '不把提示渲染成消息，即使适配器是用对话训练的',
  'take the prompt as it is, however the adapter was trained': '原样使用提示，不论适配器如何训练',
  'with --chat: tools that the model may call, as a JSON list in the form of OpenAI':
    '用于 --chat：模型可以调用的工具，OpenAI 格式的 JSON 列表',
  'with --chat: system message before it': '用于 --chat：在它之前的系统消息',
  'that of the template': '模板自己的',
  'the text is JSON that is valid by the JSON Schema in this file': '文本是符合此文件中 JSON Schema 的 JSON',
  'print one JSON object per prompt, at the end': '最后每个提示输出一个 JSON 对象',
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
  'maximum number of requests that run at once': '同时运行的请求数的上限',
  'maximum number of requests that wait; others are refused': '等待的请求数的上限；其余的被拒绝',
  'maximum number of positions in the cache of all requests': '所有请求的缓存中位置数的上限',
  'as many as they can need': '它们可能需要的数目',
  'maximum number of LoRAs and the like that run at once': '同时运行的 LoRA 等适配器的上限',
  'maximum rank of a LoRA': 'LoRA 的秩的上限',
  'open a page to learn prompts, try them, look into them and compare runs':
    '打开网页，学习提示、试用提示、查看提示，并比较运行',
  'where runs and adapters are, and new runs go; it is made if it is missing':
    '运行和适配器所在、新运行存放的文件夹；没有时会创建',
  'Server (it is also that of the command serve):': '服务器（也是命令 serve 的服务器）：',
  'print the address without opening a browser': '只显示地址，不打开浏览器',
  'Without a server:': '无需服务器：',
  'write the page into a folder for any host of static files, and end; there it learns in the tab, with promptune-mini':
    '把网页写入一个文件夹，供任何静态文件服务器使用，然后结束；网页在标签页中用 promptune-mini 学习',

  // Labeling.
  'a text to label': '要打标签的文本',
  'lines of standard input': '标准输入的各行',
  'a question about --context': '关于 --context 的问题',
  'the text that contains the answers': '包含答案的文本',
  'print one JSON object per text': '每段文本输出一个 JSON 对象',

  // Evaluation and comparison.
  'print the results as a JSON object': '以 JSON 对象输出结果',
  'print the results as JSON': '以 JSON 输出结果',
  'print the result as a JSON object': '以 JSON 对象输出结果',
  'metrics to compare two files of predictions by': '比较两个预测文件所用的指标',
  'those that they have scores of': '文件中有得分的指标',
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
  'print events and results as JSON objects, one per line': '以 JSON 对象输出事件和结果，每行一个',
  'print events as JSON objects, one per line': '以 JSON 对象输出事件，每行一个',
  'an input': '一个输入',
  "rows whose fields the candidates' templates use: .jsonl, .json, .csv, .tsv or .txt":
    '含有候选模板所用字段的数据行：.jsonl、.json、.csv、.tsv 或 .txt',
  'only print the chosen candidate': '只显示选出的候选',
  'generate with it': '用它生成',
  'print one JSON object per input': '每个输入输出一个 JSON 对象',
  'how to search': '如何搜索',
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
  'create a private repository; an existing one must be private': '创建私有仓库；已有的仓库必须是私有的',
  public: '公开',
  "the base model's name on the Hub, such as openai-community/gpt2":
    '基座模型在 Hub 上的名字，例如 openai-community/gpt2',
  "the adapter's": '适配器记录的',
  'list what would be uploaded, print the README.md, and send nothing':
    '列出将要上传的内容，显示 README.md，不发送任何东西',

  // Queues.
  'end after so long without a job, such as 10m': '这么久没有任务后结束，例如 10m',
  'end after so many jobs': '完成这么多任务后结束',
  never: '从不',
  'seconds until the job of a dead worker goes to another, the same for all workers':
    '工作进程崩溃后，它的任务过多少秒交给另一个；所有工作进程须相同',
  'give up a job that has ended more workers than this': '任务使超过这么多个工作进程终止后，放弃它',
  'redis://host:port': 'redis://host:port',
  'print JSON': '输出 JSON',
  'print a JSON object': '输出 JSON 对象',
};
