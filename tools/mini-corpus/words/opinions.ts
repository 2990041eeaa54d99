/** @file What reviews judge, and how: parts of a hotel, a film, a restaurant, a book; praise and blame. */
import { adjectives, names, nouns, others } from '../engine/words.js';

export const opinionTables = {
  /** After "was"; the Chinese is the whole predicate. */
  praise: adjectives(`
wonderful 好极了, excellent 非常棒, great 很好, perfect 很完美, first-class 是一流的, impressive 令人印象深刻, very satisfying 让人很满意, better than I expected 比我想的还好, lovely 很不错, superb 棒极了, outstanding 非常出色, delightful 令人愉快
beyond praise 没得挑, simply amazing 简直太棒了, a pleasant surprise 给了我惊喜, worth every penny 物超所值, really good 真的很好, very pleasant 让人很舒心, fantastic 好得没话说, remarkable 很了不起`),
  blame: adjectives(`
terrible 糟透了, awful 很糟糕, poor 很差, disappointing 令人失望, very bad 非常差, a mess 一团糟, hard to bear 让人受不了, worse than I expected 比我想的还差, a joke 简直是个笑话, unacceptable 让人无法接受, dreadful 差极了, below average 低于平均水平
not worth the money 不值这个价, simply horrible 简直可怕, a real letdown 太让人扫兴, really bad 真的很差, very unpleasant 让人很不舒服, hopeless 无可救药, second-rate 是二流的, annoying 让人恼火`),
  hotelPart: nouns(`
~service 服务, room 房间 间, bed 床 张, ~breakfast 早餐 份, lobby 大堂 个, bathroom 卫生间 个, view 风景 处, swimming pool 游泳池 个, location 位置 个, ~air conditioning 空调, garden 花园 个, gym 健身房 个, lift 电梯 部, shower 淋浴 个, balcony 阳台 个, reception desk 前台 个, ~bedding 床上用品, ~soundproofing 隔音, wireless network 无线网络 个, restaurant 餐厅 家, car park 停车场 个, spa 水疗 处, corridor 走廊 条`),
  hotelGoodAdj: adjectives(
    `clean 干净, bright 明亮, quiet 安静, comfortable 舒适, spacious 宽敞, cosy 温馨, modern 现代, elegant 雅致, warm 暖和, tidy 整洁, fresh 清新, well-kept 保养得好`,
  ),
  hotelBadAdj: adjectives(
    `dirty 脏, dark 昏暗, noisy 吵, uncomfortable 不舒服, cramped 狭小, damp 潮湿, old-fashioned 陈旧, stuffy 闷, cold 冷, smelly 难闻, shabby 破旧, messy 凌乱`,
  ),
  goodStaffAdj: adjectives(
    `friendly 友好, polite 有礼貌, helpful 热心, patient 有耐心, warm 热情, professional 专业, attentive 周到, cheerful 开朗, kind 亲切, quick 麻利`,
  ),
  badStaffAdj: adjectives(
    `rude 粗鲁, cold 冷淡, impatient 不耐烦, lazy 懒散, slow 磨蹭, unhelpful 爱理不理, careless 马虎, unfriendly 不友好, arrogant 傲慢, unprofessional 不专业`,
  ),
  hotelName: names(
    `the Garden Hotel 花园酒店, the Sunshine Hotel 阳光酒店, the Grand Hotel 大饭店, the Lake Inn 湖畔客栈, the Sea View Hotel 海景酒店, the City Hotel 都市酒店, the Moonlight Inn 月光客栈, the Royal Hotel 皇家酒店, the Bamboo Inn 竹林客栈, the Station Hotel 车站旅馆, the Old Town Inn 古城客栈, the Mountain Lodge 山间小屋, the River Hotel 江边酒店, the White Swan Hotel 白天鹅宾馆, the Star Hotel 星辰酒店, the Maple Inn 枫叶旅舍`,
  ),
  filmPart: nouns(
    `story 故事 个, ~acting 表演, ~music 音乐, ending 结局 个, plot 情节 个, ~photography 摄影, dialogue 台词 句, script 剧本 个, soundtrack 配乐 段, leading actor 男主角 位, leading actress 女主角 位, opening 开头 个, ~pacing 节奏, ~directing 导演功力, ~editing 剪辑, costume design 服装设计 套, set design 布景 套, last scene 最后一幕 个, first half 前半段 个, second half 后半段 个, ~animation 动画, supporting cast 配角 群`,
  ),
  filmGoodAdj: adjectives(
    `touching 感人, funny 好笑, exciting 精彩, moving 动人, original 新颖, gripping 扣人心弦, beautiful 美, clever 巧妙, heart-warming 温暖, thought-provoking 发人深省, lively 生动, charming 迷人`,
  ),
  filmBadAdj: adjectives(
    `boring 无聊, predictable 老套, confusing 混乱, silly 幼稚, slow 拖沓, empty 空洞, noisy 吵闹, unconvincing 假, tasteless 低俗, long-winded 冗长, shallow 肤浅, dull 沉闷`,
  ),
  filmName: names(
    `The Last Train 末班列车, Summer Rain 夏日的雨, The Lost Kitten 走失的小猫, Night on the River 江上的夜, My Father's Song 父亲的歌, The Blue Door 蓝色的门, Two Cities 两座城, The Long Road Home 漫漫回家路, Spring Again 又见春天, The Secret Garden 秘密花园, A Cup of Tea 一杯茶, The Clockmaker 钟表匠, Wind from the North 北风, The Paper Boat 纸船, Starlight 星光, The Silent Island 寂静的岛, First Snow 初雪, The Magician's Hat 魔术师的帽子`,
  ),
  restaurantPart: nouns(
    `~service 服务, ~food 菜, menu 菜单 份, ~atmosphere 气氛, soup 汤 碗, ~tea 茶 杯, dessert 甜点 份, kitchen 厨房 间, ~decoration 装修, ~seafood 海鲜 份, ~rice 米饭 碗, main course 主菜 道, starter 前菜 道, ~music 音乐, ~coffee 咖啡 杯, wine list 酒单 份, set meal 套餐 份, house speciality 招牌菜 道, location 位置 个, ~hygiene 卫生`,
  ),
  foodGoodAdj: adjectives(
    `delicious 美味, fresh 新鲜, tasty 好吃, tender 鲜嫩, fragrant 香, crispy 酥脆, juicy 多汁, well-cooked 火候到位, rich 浓郁, hot 热腾腾, refreshing 爽口, authentic 地道`,
  ),
  foodBadAdj: adjectives(
    `tasteless 没味道, greasy 油腻, cold 凉, stale 不新鲜, salty 咸, overcooked 煮得太老, burnt 焦, hard 硬, tough 咬不动, badly seasoned 味道怪, bland 寡淡, soggy 软塌塌`,
  ),
  bookPart: nouns(
    `story 故事 个, plot 情节 个, ~language 语言, ending 结局 个, hero 主人公 位, first chapter 第一章 个, last chapter 最后一章 个, translation 译文 篇, ~writing 文笔, beginning 开头 个, ~structure 结构, cover 封面 张, ~humour 幽默感, theme 主题 个, ~printing 印刷, world of the novel 小说里的世界 个, background 背景 个, narrator's voice 叙述口吻 种, dialogue 对话 段`,
  ),
  bookName: names(
    `The Winter Letters 冬天的信, A Thousand Steps 一千步, The Fisherman's Daughter 渔夫的女儿, Under the Old Tree 老树下, The Quiet House 安静的房子, The Golden Key 金钥匙, Letters to a Cat 写给猫的信, The River and the Moon 河与月, A Small Town 小城, The Tea Seller 卖茶人, The Map of Dreams 梦的地图, The Last Lighthouse 最后的灯塔, Rain at Midnight 午夜的雨, The Stone Bridge 石桥, The Seventh Day 第七天, Grandmother's Kitchen 奶奶的厨房, The Clever Fox 聪明的狐狸, The White Horse 白马`,
  ),
  /** How a good or a bad thing was found; with stays, visits, readings. */
  companion: others(
    `with my family 和家人, with a friend 和朋友, with my parents 和父母, on my own 一个人, with my colleagues 和同事, with my wife 和妻子, with my husband 和丈夫, with the children 带着孩子, with two classmates 和两个同学`,
  ),
  visitTime: others(
    `last week 上周, last month 上个月, yesterday 昨天, last weekend 上个周末, in May 五月份, during the holidays 假期里, last summer 去年夏天, on my birthday 生日那天, a few days ago 几天前, in spring 春天, last autumn 去年秋天`,
  ),
  product: nouns(
    `phone 手机 部, camera 照相机 台, bag 包 个, coat 大衣 件, lamp 台灯 盏, kettle 水壶 个, watch 手表 块, chair 椅子 把, umbrella 雨伞 把, keyboard 键盘 个, sweater 毛衣 件, hairdryer 吹风机 个, vacuum cleaner 吸尘器 台, suitcase 行李箱 个, rice cooker 电饭锅 个, pillow 枕头 个, backpack 背包 个, tablet 平板电脑 台, toothbrush 牙刷 把, blanket 毯子 条, fan 扇子 把, printer 打印机 台, oven 烤箱 台, jacket 夹克 件`,
  ),
  productPart: nouns(
    `~quality 质量, ~colour 颜色, ~packaging 包装, design 设计 个, ~material 材质, price 价格 个, ~workmanship 做工, size 尺寸 个, ~delivery 物流, after-sales service 售后服务 项, weight 重量 个`,
  ),
} as const;
