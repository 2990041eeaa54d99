/** @file What the library says about training runs, comparisons and where work is done, in Chinese. */
import type { Sentences } from '../../say.js';

export const runs: Sentences = {
  '{0} has {1} record|records, expected at least {2}': '{0} 有 {1} 条记录，至少需要 {2} 条',
  '{0} has results of different settings ({1}); choose another output, or remove the folder to run it again':
    '{0} 中有用其他设置得到的结果（{1}）；请换一个输出文件夹，或删除它以重新运行',
  'the {0}: the content is another': '{0}：内容不同',
  'a comparison has several seeds; use seeds': '比较使用多个种子；请用 seeds',
  'samples are drawn from one data file; use only one': '样本从一个数据文件中抽取；请只用一个',
  'expected names of metrics for texts, such as [rouge-l]': '应为文本指标的名字，例如 [rouge-l]',
  'the name "{0}" is repeated; use distinct names': '名字 "{0}" 重复；请用不同的名字',
  'expected a list of at least two names': '应为至少两个名字的列表',
  'a file of a result lies outside of its folder': '结果的一个文件位于其文件夹之外',
  '{0}: another attempt gave other bytes ({1}); the first result counts, the other one is {2} in {3}':
    '{0}：另一次尝试得到不同的字节（{1}）；以第一个结果为准，另一个在 {3} 的 {2}',
  '{0} of {1} failed, first {2}': '{1} 个中有 {0} 个失败，第一个：{2}',
  'expected s3://BUCKET/PREFIX, got {0}': '应为 s3://BUCKET/PREFIX，得到 {0}',
  '{0} cannot be written': '无法写入 {0}',
  '{0} cannot be read': '无法读取 {0}',
  '{0}: {1} lists {2}, which is missing': '{0}：{1} 列出的 {2} 不存在',
  '{0}: {1} cannot be written: others are always at it': '{0}：无法写入 {1}：一直有其他进程在写',
  '{0} cannot be listed': '无法列出 {0}',
  '{0} cannot be removed': '无法移除 {0}',
  'expected K/N with K from 1 to N, such as 3/100, got {0}': '应为 K/N，K 从 1 到 N，例如 3/100，得到 {0}',
  'training on conversations (chat)': '用对话训练（chat）',
  'training on prompts (trainOn)': '训练提示部分（trainOn）',
  'maxLength is {0}, but the model has {1} positions, of which {2} are virtual tokens: at most {3} are left':
    'maxLength 为 {0}，但模型有 {1} 个位置，其中 {2} 个是虚拟 token：至多还剩 {3} 个',
  '{0} learns from examples of texts to go on from, and no head ({1}); use another method':
    '{0} 从要续写的文本的示例中学习，不学习头（{1}）；请用另一种方法',
  'pairs of answers are for text, and a head scores labels; use cross-entropy':
    '成对的回答用于文本，而头为标签评分；请用 cross-entropy',
  "{0} has a loss of its own beside the answers'; use cross-entropy":
    '{0} 在回答的损失之外还有自己的损失；请用 cross-entropy',
  "expected {0}, as in the folder's name": '应为 {0}，与文件夹的名字一致',
  'expected a step from 0 to {0}, got {1}': '应为 0 到 {0} 的步数，得到 {1}',
  'it is damaged: its SHA-256 is not the one that state.json has of it':
    '已损坏：它的 SHA-256 与 state.json 中的不同',
  'expected a training state: {0}': '应为训练状态：{0}',
  'soft tokens are for texts to continue, not for texts with labels; remove {soft:…} from it':
    '软 token 用于要续写的文本，不用于带标签的文本；请去掉其中的 {soft:…}',
  'a head from words': '由词得到的头',
  '{0} predicts words at masks; use a template with {{ mask() }}':
    '{0} 在掩码处预测词；请使用带有 {{ mask() }} 的模板',
  'a mask has the label of a whole text, which {0} does not use': '掩码给出整段文本的标签，而 {0} 用不到',
  'transformers has no model with labels at a mask, so none can be saved; use another method, or remove the mask':
    'transformers 没有在掩码处给出标签的模型，因此无法保存；请换一种方法，或去掉掩码',
  '{0} is in use by a run of': '{0} 正被使用，使用它的运行属于',
  'wait for it, stop it or choose another output folder': '请等它结束、停止它，或换一个输出文件夹',
  'this process': '本进程',
  'another tab': '另一个标签页',
  '{0} process {1} on {2}, another machine or container: {3}. If it is gone, its lock ends two minutes after its last sign of life, and at once if you break it (see `promptune help runs`)':
    '{0}另一台机器或另一个容器 {2} 上的进程 {1}：{3}。如果它已不在，它的锁会在最后一次活动的两分钟之后失效；解锁则立即失效（见 `promptune help runs`）',
  'as many different ones': '同样多的不同数据行',
  'the run started with {0} row|rows in memory, but got {1}; pass the same rows to resume it':
    '运行开始时有内存中的 {0} 行，现在得到{1}；请传入同样的数据行来恢复',
  'the run started from a different adapter in memory; pass the same one to resume it':
    '运行开始时用的是内存中的另一个适配器；请传入同一个来恢复',
  'expected numbers by name, as JSON; remove the line': '应为按名字给出的数，格式为 JSON；请去掉这一行',
  'requires validation data': '需要验证数据',
  'requires a task with a head; set taskType': '需要带头的任务；请设置 taskType',
  'requires a task with a head, or a verbalizer; set taskType or verbalizer':
    '需要带头的任务或标签词；请设置 taskType 或 verbalizer',
  'a head can start from words only for labels of texts (sequence-classification); use one of the two':
    '只有文本标签的头（sequence-classification）才能从词开始；两者只用其一',
  'the verbalizer has the labels; leave them out': '标签由 verbalizer 给出；请去掉',
  'answers are texts and have no labels': '回答是文本，没有标签',
  'texts with labels cannot be packed into rows': '带标签的文本不能打包成行',
  'a head labels texts and continues none; leave it out': '头给文本打标签，不续写文本；请去掉',
  'requires samplePrompts': '需要 samplePrompts',
  '{0} trains the head of a task; set a task that has one': '{0} 训练任务的头；请设置带头的任务',
  'requires the loss dpo or orpo': '需要损失 dpo 或 orpo',
  'pairs of answers cannot be packed into rows': '成对的回答不能打包成行',
  '{0} is for text, and a head scores labels': '{0} 用于文本，而头为标签评分',
  '{0} compares answers, and both have the same prompt; use completion':
    '{0} 比较回答，而两个回答的提示相同；请用 completion',
  '{0} needs both answers of a pair whole; use prompt': '{0} 需要完整的一对回答；请用 prompt',
  'the key is unknown; did you mean "{0}" under "{1}"?': '未知的键；是否想用 "{1}" 之下的 "{0}"？',
  '{0}: the content is another': '{0}：内容不同',
  'metrics.jsonl has {0} of the {1} lines up to this checkpoint':
    '到这个检查点为止应有 {1} 行，metrics.jsonl 只有 {0} 行',
  'going back to step {0}: {1}': '回到第 {0} 步：{1}',
  'no checkpoint of this run can be used; start again with overwrite':
    '这次运行没有可用的检查点；请用 overwrite 重新开始',
  "{0} is not a run's folder": '{0} 不是运行的文件夹',
  'resume and overwrite exclude each other': 'resume 和 overwrite 不能同时使用',
  '{0} already holds a run: set resume to continue it or overwrite to delete it, or choose another folder':
    '{0} 中已有运行：请设置 resume 继续，或设置 overwrite 删除它，或换一个文件夹',
  '{0} holds no run to resume: start one without resume': '{0} 中没有可恢复的运行：请不带 resume 开始',
  '{0} is not empty and not a run\'s folder (it holds "{1}"): choose another output folder':
    '{0} 不为空，也不是运行的文件夹（其中有 "{1}"）：请换一个输出文件夹',
  "{0} is a file, expected a folder for the run's output": '{0} 是文件，应为存放运行的文件夹',
  'expected digests by what they are of; it was not written by a run':
    '应为按内容给出的摘要；它不是由运行写出的',
  '{0} of the run in {1} changed since it began, so that it would not end as it would have; give what it began with, or allow it':
    '{1} 中的运行开始之后，{0} 有变化，结果会与原来的不同；请给出开始时的内容，或允许这样做',
  "expected the settings of a run by name; it is not a run's config.yaml":
    '应为按名字给出的运行设置；它不是运行的 config.yaml',
  'a hidden state of this model is too large for 16 bits (65,504 at most); keep its states in fp32':
    '这个模型有隐藏状态超出 16 位的范围（至多 65,504）；请以 fp32 保留',
  "requires output, the run's folder": '需要 output，即运行的文件夹',
  'packing texts into rows': '把文本打包成行',
  'numTasks is {0}, but there are {1} sources of data; expected one file or list of rows per task, in order':
    'numTasks 为 {0}，但有 {1} 个数据来源；每个任务应按顺序各有一个文件或一组数据行',
  'with several tasks, expected a fraction or number of examples, drawn from all of them':
    '有多个任务时，应为从全部任务中抽取的样本的比例或个数',
  'it names no eos_token, which pretraining needs to end every text':
    '它没有 eos_token，而预训练需要用它结束每段文本',
  'nesterov requires a momentum above 0': 'nesterov 需要大于 0 的 momentum',
  'the saved {0} state has no int64 tensor "step"': '保存的 {0} 状态没有 int64 张量 "step"',
  '{0} state': '{0} 状态',
  'the saved {0} has {1} for "{2}", expected float32 [{3}]': '保存的{0}中 "{2}" 为 {1}，应为 float32 [{3}]',
  'the saved {0} has a tensor "{1}", which this run does not have': '保存的{0}有张量 "{1}"，而这次运行没有',
  'the loss is {0}': '损失为 {0}',
  'the gradient of "{0}" holds NaN or Infinity': '"{0}" 的梯度中有 NaN 或 Infinity',
  'the validation loss is {0}': '验证损失为 {0}',
  'the trained tensor "{0}" holds NaN or Infinity': '训练的张量 "{0}" 中有 NaN 或 Infinity',
  'best checkpoint': '最佳检查点',
  'the run resumes with a changed setting: {0}': '运行以更改过的设置恢复：{0}',
  "look for NaN or very large values in the model's weights and in the initial values":
    '请检查模型的权重和初始值中是否有 NaN 或极大的值',
  'step {0}: {1} before the first update: {2}': '第 {0} 步：第一次更新之前{1}：{2}',
  'the checkpoint of step {0} is intact: resume from it': '第 {0} 步的检查点完好：请从它恢复',
  'start again': '请重新开始',
  'step {0}: {1}, training has diverged. No such values were saved; {2} with a learningRate below {3}, a longer warm-up or a maxGradNorm{4}':
    '第 {0} 步：{1}，训练已发散。这样的值没有保存；{2}，并使用小于 {3} 的 learningRate、更长的预热，或{4}的 maxGradNorm',
  ' below {0}': '小于 {0}',
  ' above 0': '大于 0',
  'the data set is empty: there is nothing to train on': '数据集为空：没有可训练的内容',
  'the validation data set is empty': '验证数据集为空',
  'a batch has no label token to learn from: check the data set':
    '有的批次没有可学习的标签 token：请检查数据集',
  'the validation data set has no label token': '验证数据集没有标签 token',
  'there is no such adapter in the folder that the server has': '服务器的文件夹中没有这个适配器',
  '{0}: there is no such folder; expected one with runs or adapters in it':
    '{0}：没有这个文件夹；应为存放运行或适配器的文件夹',
  'expected a condition such as method=lora, got "{0}"': '应为 method=lora 这样的条件，得到 "{0}"',
  'no run has "{0}"; expected run, model, method, state, steps, loss, validation, time or note, or a key of the configuration such as learningRate':
    '没有运行带有 "{0}"；应为 run、model、method、state、steps、loss、validation、time 或 note，或配置的键，例如 learningRate',
  'candidate {0}': '候选 {0}',
  'the labels of validation rows are not scored: {0}': '未能给验证行的标签评分：{0}',
  ', ': '，',
  'the shares of a comparison meet in a store; add one that all of them see':
    '比较的各份在存储中汇合；请给出各方都能访问的存储',
  "the store has {0} of {1} cells of the class {2}, and {3} of {4}, this machine's":
    '存储中有类别 {2} 的 {1} 个单元中的 {0} 个，以及本机类别 {4} 的 {3} 个',
  'Methods on {0}': '{0} 上的各种方法',
  'expected settings as keys and values, such as "data: pairs.jsonl"':
    '应为键和值形式的设置，例如 "data: pairs.jsonl"',
  '{0} has numbers that are NaN or infinite; train the adapter again':
    '{0} 中有 NaN 或无穷大；请重新训练适配器',
  'The adapter does not name its base model.': '适配器没有注明它的基座模型。',
  '{0} bytes are no whole numbers of {1} bytes each': '{0} 个字节不能按每个 {1} 字节分成整数个',
  'expected folder:PATH or s3://BUCKET/PREFIX, got {0}': '应为 folder:PATH 或 s3://BUCKET/PREFIX，得到 {0}',
  's3: needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment':
    's3：环境变量中需要 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY',
  's3: needs the package aws4fetch: npm install aws4fetch@1.0.20':
    's3：需要 aws4fetch 包：npm install aws4fetch@1.0.20',
  'the input {0} of a piece of {1} is missing': '缺少 {1} 的一份任务的输入 {0}',
  '{0} has other weights on this machine than where the work comes from':
    '{0} 在本机的权重与任务来源处的不同',
  '{0}: {1} {2}; run the command that made the work again': '{0}：{1}{2}；请再次运行生成该任务的命令',
  'has other bytes than its name says': '的字节与名字不符',
  'is missing': '不存在',
  ', as when memory is used up': '，就像内存用尽时那样',
  'given up after {0} attempts: the process that did it ended with {1}{2}':
    '尝试 {0} 次后放弃：执行它的进程以 {1} 结束{2}',
  'scores of a head are computed in one process': '头的得分在一个进程中计算',
  '{0} MB of trained tensors would travel with every batch, and at most {1} MiB do; run several trainings at once instead':
    '每个批次要传送 {0} MB 的训练张量，至多可传 {1} MiB；请改为同时进行几次训练',
  'expected names of metrics for texts, such as rouge-l and bleu': '应为文本指标的名字，例如 rouge-l 和 bleu',
  'use it as the model, without an adapter': '请作为模型使用，不带适配器',
  'this is a whole model and not an adapter': '这是整个模型，不是适配器',
  'requires an adapter with tasks': '需要带任务的适配器',
  'the prompt has {0} tokens, and the model has room for {1}': '提示有 {0} 个 token，而模型只容纳 {1} 个',
  '{0}: {1} is gone; run the command again': '{0}：{1} 已不在；请再次运行命令',
  'soft tokens belong to the template that the adapter was trained with': '软 token 属于适配器训练时的模板',
  'requires an adapter with a head': '需要带头的适配器',
  '{0} does not generate texts; use an adapter with a head, trained with taskType':
    '{0} 不生成文本；请使用以 taskType 训练的、带头的适配器',
  'several are compared by losses of texts, but this adapter has a head; use one dtype':
    '多种精度按文本的损失比较，但这个适配器带头；请只用一种 dtype',
  'several are compared by loss and perplexity; leave out the metrics':
    '多种精度按损失和困惑度比较；请去掉指标',
  'expected a job, an object with a type': '应为任务，即带 type 的对象',
  "the job's process ended with {0}": '任务的进程以 {0} 结束',
  'several workers share the batches of a step, which has one; set at least 2, and batchSize accordingly lower':
    '多个工作进程分担每一步的批次，而每步只有一个批次；请至少设为 2，并相应减小 batchSize',
  '{0}: there is no such folder; expected one with runs in it': '{0}：没有这个文件夹；应为存放运行的文件夹',
  "{0}; the run's folder has all values": '{0}；运行的文件夹中有全部数值',
  'expected the address of an MLflow server (MLFLOW_TRACKING_URI), such as http://127.0.0.1:5000, {0}':
    '应为 MLflow 服务器的地址（MLFLOW_TRACKING_URI），例如 http://127.0.0.1:5000，{0}',
  'got "{0}"': '得到 "{0}"',
  'got none': '没有给出',
  'the MLflow server at {0} cannot be reached: {1}': '无法访问 {0} 的 MLflow 服务器：{1}',
  'the MLflow server at {0} refuses {1}: {2}': '{0} 的 MLflow 服务器拒绝 {1}：{2}',
  'expected the path of a new folder': '应为新文件夹的路径',
  '{0} exists already; choose another folder': '{0} 已经存在；请换一个文件夹',
  'the adapter {0} was trained for {1}, which cannot be opened; name the model to use':
    '适配器 {0} 是为 {1} 训练的，而后者无法打开；请指明要用的模型',
  'there is no preset "{0}"; {1}': '没有预设 "{0}"；{1}',
  'expected the base model\'s name on the Hub, such as openai-community/gpt2, got "{0}"':
    '应为基座模型在 Hub 上的名字，例如 openai-community/gpt2，得到 "{0}"',
  'this is a whole model; only adapters are uploaded': '这是整个模型；只能上传适配器',
  'expected a file': '应为文件',
  'this is a link, and links are not followed; put a copy in its place': '这是链接，不会跟随链接；请换成副本',
  'a queue needs two packages: npm install bullmq@{0} ioredis@{1}':
    '队列需要两个包：npm install bullmq@{0} ioredis@{1}',
  'expected redis://HOST:PORT, or rediss:// with TLS, got {0}':
    '应为 redis://HOST:PORT，或带 TLS 的 rediss://，得到 {0}',
  'no answer within 10 s': '10 秒内没有回应',
  'its worker is gone': '它的工作进程已不在',
  '{0}: its result is gone from the store': '{0}：它的结果已不在存储中',
  'the queue is back': '队列已恢复',
  'the queue does not answer ({0}); it is waited for': '队列没有回应（{0}）；正在等待',
  'given up: every worker that had it died': '已放弃：处理它的工作进程全都终止了',
  'it failed': '它失败了',
  'none of any class is connected': '没有任何类别的工作进程连接',
  'connected are those of {0}': '已连接的属于 {0}',
  '0 workers on {0}; start one with promptune worker ({1})':
    '{0} 上有 0 个工作进程；请用 promptune worker 启动一个（{1}）',
  '{0}: the lock was lost, another worker has it; stopped': '{0}：失去了锁，已由另一个工作进程处理；已停止',
  'the lock was lost': '失去了锁',
  'nothing is taken for {0} s: the store fails': '{0} 秒内不取任务：存储出错',
  'jobs wait and none is fetched; connecting anew': '有任务在等待却取不到；正在重新连接',
  'the run started with rows in memory, which its folder does not have; resume it from code with the rows, or set a file that has them':
    '运行开始时用的是内存中的数据行，它的文件夹里没有；请用代码传入数据行来恢复，或设置含有它们的文件',
  'the run started from an adapter in memory, which its folder does not have; resume it from code with the adapter, or set its folder':
    '运行开始时用的是内存中的适配器，它的文件夹里没有；请用代码传入适配器来恢复，或设置它的文件夹',
  'expected the folder of the run to resume': '应为要恢复的运行的文件夹',
  '{0} has no run to resume, since it has no config.yaml; start one':
    '{0} 中没有可恢复的运行，因为没有 config.yaml；请新开始一个',
  '1 step is unlikely to be enough: most methods need {0} or more, small data sets many epochs':
    '1 步大概不够：多数方法至少需要 {0} 步，小数据集需要很多轮',
  '{0} step|steps is|are unlikely to be enough: most methods need {1} or more, small data sets many epochs':
    '{0} 步大概不够：多数方法至少需要 {1} 步，小数据集需要很多轮',
  'expected a name of letters, digits and - _ . +': '应为由字母、数字和 - _ . + 组成的名字',
  '; does it speak TLS?': '；它使用 TLS 吗？',
  '; with TLS it is rediss://': '；使用 TLS 时应为 rediss://',
  '{0} cannot be reached: {1}{2}': '无法访问 {0}：{1}{2}',
  'wants a password: the address has it between // and @ (in PROMPTUNE_QUEUE, ps does not show it)':
    '要求密码：写在地址的 // 与 @ 之间（放在 PROMPTUNE_QUEUE 中则不会被 ps 显示）',
  'refuses the user or the password in the address (%40 stands for @, %2F for /)':
    '拒绝地址中的用户或密码（%40 表示 @，%2F 表示 /）',
  'does not allow this user what a queue needs: {0}': '不允许这个用户进行队列所需的操作：{0}',
  'has as many clients as it takes; raise its maxclients': '的客户端数已达上限；请调大它的 maxclients',
  'has no database of the number in the address': '没有地址中那个编号的数据库',
  'is not Redis: it answers in another language': '不是 Redis：它的回应用的是另一种协议',
  'is Redis {0}; a queue needs Redis {1} or later, or Valkey':
    '是 Redis {0}；队列需要 Redis {1} 或更新的版本，或 Valkey',
  'is in cluster mode, which divides the keys of a queue among servers; use a server without it':
    '处于集群模式，队列的键会分散到多台服务器；请用非集群的服务器',
  'is a replica, which takes no writes; use its primary': '是副本，不接受写入；请用它的主服务器',
  'has the maxmemory-policy {0}, so that it may forget jobs; set it to noeviction':
    '的 maxmemory-policy 为 {0}，可能会丢失任务；请设为 noeviction',
  'the model needs {0} times as many bits for these texts as for plain {1} ({2} and {3} per letter): it hardly knows texts like these':
    '模型对这些文本需要的比特数是普通{1}的 {0} 倍（每个字符 {2} 和 {3}）：它几乎不懂这样的文本',
  'attempt {0} of {1}': '第 {0} 次尝试，共 {1} 次',
};
