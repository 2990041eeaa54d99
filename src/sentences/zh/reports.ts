/** @file What tables and reports (HTML) say, in Chinese. */
import type { Sentences } from '../../say.js';

export const reports: Sentences = {
  // The language of the page.
  en: 'zh-CN',

  Table: '表格',
  Charts: '图表',
  Figures: '指标',
  Settings: '设置',
  Training: '训练',
  'Confusion matrices': '混淆矩阵',
  'The first answers': '最前面的回答',
  'The worst answers, by {0}': '最差的回答（按 {0}）',
  'Prompts compared': '提示比较',

  // Headings of columns, and names of facts and settings.
  method: '方法',
  metric: '指标',
  difference: '差',
  settings: '设置',
  options: '选项',
  examples: '样本数',
  seeds: '种子',
  seed: '种子',
  time: '用时',
  'trainable parameters': '可训练参数',
  'peak memory': '峰值内存',
  'learning rate': '学习率',
  length: '长度',
  'batch size': '批次大小',
  optimizer: '优化器',
  adapter: '适配器',
  data: '数据',
  test: '测试数据',
  template: '模板',
  answers: '回答',
  row: '行',
  prompt: '提示',
  right: '正确答案',
  tokens: 'token 数',
  ms: '毫秒',
  size: '大小',
  'made in': '制作用时',
  'rows to learn from': '用于学习的行数',
  'rows measured': '用于评测的行数',

  // Values and titles.
  untuned: '未微调',
  all: '全部',
  greedy: '贪心',
  loss: '损失',
  'with the adapter': '使用适配器',
  'without it': '不使用',
  'calls a tool': '调用工具',
  'prompt {0}': '提示 {0}',
  '{0} epoch|epochs': '{0} 轮',
  '{0} step|steps': '{0} 步',
  '{0}, {1} row|rows': '{0}，{1} 行',
  '{0} on {1}': '{0}，数据 {1}',
  '{0} of {1}': '{1} 的{0}',
  '{0} to {1}': '{0} 至 {1}',
  '{0}, validation': '{0}，验证',
  '{0}, by training examples': '{0}（按训练样本数）',
  'chosen from {0}': '从 {0} 中选择',
  'always “{0}”': '总是“{0}”',
  'values over sizes': '各数据量下的值',
  'loss over steps': '各步的损失',

  // Explanations.
  'In brackets: 95 % bootstrap intervals over rows, for other data of the same kind. They do not include the variance between training runs.':
    '方括号内为对数据行自助抽样得到的 95 % 区间，适用于同类的其他数据，不含多次训练之间的方差。',
  'p: how often a difference this large appears when the two answers of each row are swapped at random. ↓: lower is better.':
    'p：随机交换每行的两个回答时，出现这么大的差的频率。↓：越低越好。',
  'Dashes: the loss on validation data.': '虚线：验证数据上的损失。',
  'A row for each label of the data, a column for each that was chosen.':
    '每行是数据中的一个标签，每列是所选的一个标签。',
  "Means over seeds ± the sample's standard deviation.": '各种子的均值 ± 样本标准差。',
  "Time is that of all training steps; memory the most that the training process had, the model's mapped weights included.":
    '用时为全部训练步的时间；内存为训练进程的峰值，包括映射的模型权重。',
  'Bars are means over seeds. The line across is their standard deviation, and dots are single seeds.':
    '条形为各种子的均值，横线为其标准差，圆点为单个种子。',
  'A dot for each seed, lines through the means; dotted lines do not depend on the size.':
    '每个种子一个圆点，折线连接均值；点线与数据量无关。',
  'prompts of text': '文本提示',
  'learned prompts': '学习得到的提示',
  '{0}, higher is better': '{0}，越高越好',
  'tokens per request, lower is cheaper': '每个请求的 token 数，越低越省',
  'What prompts say': '提示的内容',
  'Scores in percent with the interval of 95 % over resampled rows; p compares with the best prompt of text, by random exchanges of answers, corrected for the number of comparisons (Holm).':
    '得分以百分数表示，附对数据行重抽样得到的 95 % 区间；p 为与最好的文本提示相比（随机交换回答），并按比较的次数校正（Holm）。',
  'That prompt is the best on these very rows, which favors it.':
    '该提示正是在这些行上选出的最好者，这对它有利。',
  'Tokens and milliseconds are per request, in batches; size is what the prompt adds on disk.':
    'token 数和毫秒为成批处理时每个请求的值；大小为提示在磁盘上增加的体积。',
};
