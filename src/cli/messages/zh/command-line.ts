/** @file What is said about options, files and the command line, in Chinese. */
import type { Sentences } from '../../../say.js';

export const commandLine: Sentences = {
  'there are no rows; add --data with rows to learn from, and --test with others':
    '没有数据行；请用 --data 给出用于学习的数据行，用 --test 给出另一些',
  'there is nothing to label texts with; add --adapter with a head trained by train --task-type, or --verbalizer with the words of each label':
    '没有可用来给文本打标签的东西；请用 --adapter 给出由 train --task-type 训练的头，或用 --verbalizer 给出每个标签的词',
  '--template: a head has only one; several need labels by words (--verbalizer)':
    '--template：头只有一个模板；多个模板需要用词表示标签（--verbalizer）',
  'there is no text; add --text "...", or pipe texts in': '没有文本；请加上 --text "..."，或从管道传入',
  '--text: the head finds answers; use --question and --context':
    '--text：这个头寻找答案；请用 --question 和 --context',
  '--question: the head labels texts; use --text': '--question：这个头给文本打标签；请用 --text',
  '--question and --context must be used together': '--question 和 --context 必须一起使用',
  'line {0}: expected {"question": "…", "context": "…"}, got {1}':
    '第 {0} 行：应为 {"question": "…", "context": "…"}，得到 {1}',
  'expected one configuration (.yaml), or two files of predictions (.jsonl), got {0}':
    '应为一份配置（.yaml），或两个预测文件（.jsonl），得到 {0}',
  '--metrics: the configuration has the metrics; leave it out': '--metrics：指标由配置给出；请去掉',
  'there is no data; add --data with a file': '没有数据；请用 --data 给出文件',
  '{0}: it affects answers only; add --metrics to score them':
    '{0}：它只影响回答；请加上 --metrics 为回答评分',
  '{0}: it affects loss and perplexity only; with --metrics, prompts that are too long lose their beginning':
    '{0}：它只影响损失和困惑度；使用 --metrics 时，过长的提示会截去开头',
  '--dtype {0} is not for {1}; use one of {2}': '--dtype {0} 不适用于 {1}；请用下列之一：{2}',
  '--as huggingface is for a model; merge writes one with an adapter in its weights':
    '--as huggingface 用于模型；要把适配器写进模型的权重，请用 merge',
  'there is no adapter; add --adapter with its folder': '没有适配器；请用 --adapter 给出它的文件夹',
  '--dtype is for a model in GGUF; adapters keep float32':
    '--dtype 用于 GGUF 格式的模型；适配器始终为 float32',
  '{0} requires --data': '{0} 需要 --data',
  '--prompt and --data cannot be used together': '--prompt 和 --data 不能一起使用',
  '--system: with --data, the system message is in the data': '--system：使用 --data 时，系统消息在数据中',
  'there is no file for the texts; add --output': '没有存放文本的文件；请加上 --output',
  '--template: soft tokens belong to the template that the adapter was trained with':
    '--template：软 token 属于适配器训练时的模板',
  'there is no prompt; add --prompt "...", or pipe one in': '没有提示；请加上 --prompt "..."，或从管道传入',
  'use either an adapter or --method, not both': '适配器和 --method 只能用一个',
  'there is no adapter; add its folder, such as runs/cats': '没有适配器；请给出它的文件夹，例如 runs/cats',
  'there is no folder for the model; add one, such as --output merged':
    '没有存放模型的文件夹；请给出一个，例如 --output merged',
  '--dtype {0} is not possible for {1}; use one of {2}': '--dtype {0} 不能用于 {1}；请用下列之一：{2}',
  '--revision requires the name of a model': '--revision 需要模型的名字',
  'there is no folder for the run; add one, such as --output runs/first':
    '没有存放运行的文件夹；请给出一个，例如 --output runs/first',
  'only adapters are uploaded': '只能上传适配器',
  'a change requires the folders of runs': '更改需要给出运行的文件夹',
  'there are no runs in {0}': '{0} 中没有运行',
  '{0} curves are too many to tell apart; name at most {1} runs':
    '{0} 条曲线太多，难以分辨；请至多给出 {1} 次运行',
  '--output: {0} is a folder, expected a file, such as found.json':
    '--output：{0} 是文件夹，应为文件，例如 found.json',
  'there are no candidates; add --candidates with a file': '没有候选；请用 --candidates 给出文件',
  'there is no output folder; add --output': '没有输出文件夹；请加上 --output',
  '--text and --data cannot be used together': '--text 和 --data 不能一起使用',
  'there is no input; add --text "..." or --data, or pipe inputs in':
    '没有输入；请加上 --text "..." 或 --data，或从管道传入',
  'put its token into {0}': '请把它的令牌放入 {0}',
  'there is no {0}; add --{1} with {2}, or set {3}': '没有{0}；请用 --{1} 给出 {2}，或设置 {3}',
  '--for requires --queue': '--for 需要 --queue',
  '--part and --queue cannot be used together: the workers share the jobs':
    '--part 和 --queue 不能一起使用：任务由各工作进程分担',
  '--workers and --queue cannot be used together: start more workers':
    '--workers 和 --queue 不能一起使用：请启动更多工作进程',
  'a folder or s3://BUCKET/PREFIX': '文件夹或 s3://BUCKET/PREFIX',
  queue: '队列',
  store: '存储',
  '--{0}: the adapter has a head, which needs no words of labels': '--{0}：该适配器有分类头，不需要标签词',
  '--data: a head for words or answers is scored on a file by promptune eval':
    '--data：用于词或答案的头在文件上的评分请用 promptune eval',
  '{0} requires --chat': '{0} 需要 --chat',
  '--tools: with --data, the tools are in the data': '--tools：使用 --data 时，工具在数据中',
  "--tools: this model's chat template does not show tools to the model":
    '--tools：这个模型的对话模板不向模型显示工具',
};
