/** @file Chinese words for what cannot be done in a tab without a server. */
import type { Messages } from '../en/index.js';

export const tab: Messages['tab'] = {
  tuning: '用短运行选择设置需要服务器：npx promptune studio',
  hubData: 'Hub 的数据集需要服务器：npx promptune studio',
  servesNothing: '标签页不提供服务',
  noRun: (id) => `没有运行 ${id}`,
  runExists: (run) => `已经有运行 ${run}；请换一个名字，或删除它`,
  fileGone: (name) => `文件 ${name} 已不再保存；请重新给出`,
  noJob: (id) => `没有作业 ${id}`,
  jobWorks: (run) => `有作业正在处理 ${run}；请停止它，或换一个名字`,
  jobIs: (state) => `作业的状态是：${state}`,
};
