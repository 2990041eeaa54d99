/** @file What the library says in a browser, in Chinese. */
import type { Sentences } from '../../say.js';

export const browser: Sentences = {
  "{0} could not be loaded; is it there, and of the page's own origin?":
    '{0} 无法加载；它是否存在，且与页面同源？',
  'it was closed': '它已被关闭',
  'the options have an object that no other thread can get, where the library is':
    '选项中有一个无法交给其他线程的对象，而库在另一个线程中',
  "the library's worker has ended: {0}": '库的 worker 已结束：{0}',
  'functions work in Node.js alone': '函数只能在 Node.js 中使用',
  'expected a name; values of your own, with functions such as {0}, work in Node.js alone':
    '应为名字；带有 {0} 等函数的自定义值只能在 Node.js 中使用',
  '{0}: in a browser the library is in another thread': '{0}：在浏览器中，库在另一个线程里',
  'this object has been disposed of': '这个对象已被释放',
  'expected a name of letters, digits, spaces and ._-, got "{0}"':
    '应为由字母、数字、空格和 ._- 组成的名字，得到 "{0}"',
  '{0} answers with {1}: it is a file of the package': '{0} 返回 {1}：它是本软件包的文件',
  'one thread: the page is not cross-origin isolated; serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp':
    '只有一个线程：页面没有跨源隔离；请用 Cross-Origin-Opener-Policy: same-origin 和 Cross-Origin-Embedder-Policy: require-corp 提供页面',
  'device "webgpu": this browser gives no GPU to pages; use "cpu"':
    '设备 "webgpu"：这个浏览器不向页面提供 GPU；请使用 "cpu"',
  'models and runs are gone when the page is: this browser gives it no storage here':
    '页面关闭后，模型和运行就没有了：这个浏览器在这里不给页面存储空间',
  'there is no model "{0}": expected a model that is stored, promptune-mini, owner/name on the Hub, an address, or files':
    '没有模型 "{0}"：应为已存储的模型、promptune-mini、Hub 上的 owner/name、网址，或文件',
  "the files have no config.json, so they are not a model; pick a folder in Hugging Face's layout, or a GGUF file":
    '这些文件中没有 config.json，因此不是模型；请选择 Hugging Face 布局的文件夹，或 GGUF 文件',
  '{0}: there is no such file, so there is no model': '{0}：没有这个文件，因此没有模型',
  '{0}: there is neither this file nor {1}, so the model has no weights':
    '{0}：既没有这个文件，也没有 {1}，因此模型没有权重',
  'there is no such model, or no such revision': '没有这个模型，或没有这个版本',
  'the model is private or gated, or does not exist; give a token that has access':
    '模型是私有的、需要申请，或不存在；请给出有权访问的令牌',
  'try again later': '请稍后再试',
  '{0} answers with {1}: {2}': '{0} 返回 {1}：{2}',
  '{0}/{1}: the repository has no config.json, so it does not hold a model':
    '{0}/{1}：仓库中没有 config.json，因此没有模型',
  '{0} could not be reached ({1}): there is no connection, or the site does not let pages of others read it (CORS)':
    '无法连接 {0}（{1}）：没有网络，或该网站不允许其他网站的页面读取（CORS）',
  '{0} takes {1}, but this browser has {2} left for this site; delete another model first':
    '{0} 需要 {1}，但这个浏览器为本网站只剩 {2}；请先删除别的模型',
  '{0}: the download ended at {1} of {2} bytes; try again': '{0}：下载在 {1}/{2} 字节处中断；请重试',
  'its SHA-256 is not the one that the Hub has of it; try again': '它的 SHA-256 与 Hub 上的不同；请重试',
  '{0} answers with {1} instead of {2}': '{0} 返回 {1}，而不是 {2}',
  '{0}: it unpacks to more than 1 GiB': '{0}：解压后超过 1 GiB',
  '{0}: its file "{1}" lies outside of the folder it unpacks to':
    '{0}：其中的文件 "{1}" 位于解压的文件夹之外',
  '{0}: this is not a zip file, or it is damaged ({1})': '{0}：这不是 zip 文件，或已损坏（{1}）',
};
