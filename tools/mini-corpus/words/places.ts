/** @file Places: in town, in nature, countries and their capitals. */
import { adjectives, names, nouns } from '../engine/words.js';

export const townPlaces = nouns(`
library 图书馆 座, park 公园 座, school 学校 所, hospital 医院 家, museum 博物馆 座, restaurant 餐馆 家, supermarket 超市 家, bank 银行 家, bookshop 书店 家, bakery 面包店 家
cinema 电影院 家, theatre 剧院 座, station 车站 座, airport 机场 座, market 市场 个, café 咖啡馆 家, hotel 酒店 家, post office 邮局 家, pharmacy 药店 家, gym 健身房 家
zoo 动物园 座, swimming pool 游泳池 个, stadium 体育场 座, playground 操场 个, factory 工厂 家, office 办公室 间, university 大学 所, square 广场 个, bridge 桥 座, church 教堂 座
temple 寺庙 座, teahouse 茶馆 家, police station 警察局 家, fire station 消防站 座, toy shop 玩具店 家, flower shop 花店 家, shopping centre 购物中心 个, gallery 美术馆 座
clinic 诊所 家, kindergarten 幼儿园 所, concert hall 音乐厅 座, aquarium 水族馆 座, botanical garden 植物园 座, bus stop 公交站 个, harbour 港口 个, barber's (barbers') 理发店 家
night market 夜市 个, amusement park 游乐园 座, noodle shop 面馆 家, tower 塔 座, town hall 市政厅 座, car park 停车场 个, campus 校园 个, petrol station 加油站 个
`);

export const naturePlaces = nouns(`
mountain 山 座, river 河 条, lake 湖 个, forest 森林 片, beach 海滩 片, island 岛 座, desert 沙漠 片, field 田野 片, hill 小山 座, valley 山谷 个, waterfall 瀑布 个, cave 山洞 个
village 村庄 个, farm 农场 个, garden 花园 个, grassland 草原 片, coast 海岸 段, pond 池塘 个, bamboo grove 竹林 片, orchard 果园 个, meadow 草地 片, hot spring 温泉 个, bay 海湾 个, stream 小溪 条
cliff 悬崖 座, wetland 湿地 片, vineyard 葡萄园 个, glacier 冰川 条, volcano 火山 座, canyon 峡谷 个
`);

export const rooms = nouns(`
kitchen 厨房 间, bedroom 卧室 间, living room 客厅 间, bathroom 浴室 间, study 书房 间, balcony 阳台 个, classroom 教室 间, garage 车库 个, dining room 餐厅 间, attic 阁楼 间, basement 地下室 间, courtyard 院子 个
`);

export const placeAdjectives = adjectives(`
beautiful 美丽, quiet 安静, famous 有名, old 古老, large 大, small 小, clean 干净, peaceful 宁静, busy 热闹, crowded 拥挤, modern 现代, spacious 宽敞, bright 明亮, lovely 可爱, cosy 温馨, popular 受欢迎
interesting 有趣, mysterious 神秘, colourful 多彩, romantic 浪漫, charming 迷人, comfortable 舒适, cheap 便宜, expensive 昂贵, convenient 方便, cool 凉爽, green 葱郁, remote 偏僻, safe 安全, tidy 整洁
`);

export const natureAdjectives = adjectives(`
beautiful 美丽, quiet 安静, wide 宽阔, deep 深, high 高, clear 清澈, peaceful 宁静, wild 荒凉, mysterious 神秘, famous 有名, green 翠绿, remote 遥远, lovely 可爱, magnificent 壮丽, vast 辽阔, cool 凉爽, misty 雾蒙蒙, charming 迷人
`);

/** Cities: where people live and go. */
export const cities = names(`
Beijing 北京, Shanghai 上海, London 伦敦, Paris 巴黎, Tokyo 东京, New York 纽约, Rome 罗马, Berlin 柏林, Sydney 悉尼, Moscow 莫斯科, Cairo 开罗, Chengdu 成都, Hangzhou 杭州, Xi'an 西安, Guangzhou 广州, Nanjing 南京
Suzhou 苏州, Kunming 昆明, Harbin 哈尔滨, Qingdao 青岛, Boston 波士顿, Madrid 马德里, Vienna 维也纳, Seoul 首尔, Singapore 新加坡, Toronto 多伦多, Wuhan 武汉, Chongqing 重庆, Xiamen 厦门, Lhasa 拉萨
`);

/** Each country with its capital, its language and what it is known for. */
export const countryRows = [
  ['China 中国', 'Beijing 北京', 'Chinese 汉语', 'Asia 亚洲', 'the Great Wall 长城'],
  ['France 法国', 'Paris 巴黎', 'French 法语', 'Europe 欧洲', 'the Eiffel Tower 埃菲尔铁塔'],
  ['Japan 日本', 'Tokyo 东京', 'Japanese 日语', 'Asia 亚洲', 'cherry blossoms 樱花'],
  ['England 英国', 'London 伦敦', 'English 英语', 'Europe 欧洲', 'Big Ben 大本钟'],
  ['Germany 德国', 'Berlin 柏林', 'German 德语', 'Europe 欧洲', 'fast cars 汽车'],
  ['Italy 意大利', 'Rome 罗马', 'Italian 意大利语', 'Europe 欧洲', 'pizza 比萨饼'],
  ['Spain 西班牙', 'Madrid 马德里', 'Spanish 西班牙语', 'Europe 欧洲', 'flamenco 弗拉门戈舞'],
  ['Russia 俄罗斯', 'Moscow 莫斯科', 'Russian 俄语', 'Europe 欧洲', 'ballet 芭蕾舞'],
  ['Egypt 埃及', 'Cairo 开罗', 'Arabic 阿拉伯语', 'Africa 非洲', 'the pyramids 金字塔'],
  ['Korea 韩国', 'Seoul 首尔', 'Korean 韩语', 'Asia 亚洲', 'kimchi 泡菜'],
  ['Canada 加拿大', 'Ottawa 渥太华', 'English 英语', 'North America 北美洲', 'maple syrup 枫糖浆'],
  ['Australia 澳大利亚', 'Canberra 堪培拉', 'English 英语', 'Oceania 大洋洲', 'kangaroos 袋鼠'],
  ['Brazil 巴西', 'Brasilia 巴西利亚', 'Portuguese 葡萄牙语', 'South America 南美洲', 'football 足球'],
  ['Mexico 墨西哥', 'Mexico City 墨西哥城', 'Spanish 西班牙语', 'North America 北美洲', 'tacos 玉米卷饼'],
  ['Thailand 泰国', 'Bangkok 曼谷', 'Thai 泰语', 'Asia 亚洲', 'elephants 大象'],
  ['Greece 希腊', 'Athens 雅典', 'Greek 希腊语', 'Europe 欧洲', 'old temples 古老的神庙'],
  ['Portugal 葡萄牙', 'Lisbon 里斯本', 'Portuguese 葡萄牙语', 'Europe 欧洲', 'egg tarts 蛋挞'],
  ['Austria 奥地利', 'Vienna 维也纳', 'German 德语', 'Europe 欧洲', 'music 音乐'],
  ['Kenya 肯尼亚', 'Nairobi 内罗毕', 'Swahili 斯瓦希里语', 'Africa 非洲', 'lions 狮子'],
  ['India 印度', 'New Delhi 新德里', 'Hindi 印地语', 'Asia 亚洲', 'curry 咖喱'],
  ['Norway 挪威', 'Oslo 奥斯陆', 'Norwegian 挪威语', 'Europe 欧洲', 'fjords 峡湾'],
  ['Vietnam 越南', 'Hanoi 河内', 'Vietnamese 越南语', 'Asia 亚洲', 'noodle soup 河粉'],
  ['Finland 芬兰', 'Helsinki 赫尔辛基', 'Finnish 芬兰语', 'Europe 欧洲', 'saunas 桑拿'],
  ['Sweden 瑞典', 'Stockholm 斯德哥尔摩', 'Swedish 瑞典语', 'Europe 欧洲', 'long winters 漫长的冬天'],
  ['Poland 波兰', 'Warsaw 华沙', 'Polish 波兰语', 'Europe 欧洲', 'amber 琥珀'],
  [
    'Argentina 阿根廷',
    'Buenos Aires 布宜诺斯艾利斯',
    'Spanish 西班牙语',
    'South America 南美洲',
    'tango 探戈',
  ],
].map((row) => names(row.join('\n')));

export const countries = countryRows.map((row) => row[0]!);
