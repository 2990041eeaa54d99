/** @file Things: what people own, wear, use and buy; colours and materials. */
import { adjectives, nouns, others } from '../engine/words.js';

export const colours = adjectives(
  `red 红色, blue 蓝色, green 绿色, yellow 黄色, white 白色, black 黑色, brown 棕色, pink 粉色, purple 紫色, orange 橙色, grey 灰色, golden 金色, silver 银色, light blue 浅蓝色, dark green 深绿色, turquoise 青绿色, beige 米色`,
);

export const toys = nouns(`
ball 球 个, doll 娃娃 个, kite 风筝 只, toy car 玩具车 辆, balloon 气球 个, puzzle 拼图 幅, teddy bear 泰迪熊 只, robot 机器人 个, yo-yo (yo-yos) 溜溜球 个, drum 鼓 面, whistle 哨子 个, building block 积木 块, skateboard 滑板 个, marble 弹珠 颗, spinning top 陀螺 个, toy boat 玩具船 艘
`);

export const clothes = nouns(`
hat 帽子 顶, coat 大衣 件, dress 裙子 条, shirt 衬衫 件, T-shirt T恤衫 件, sweater 毛衣 件, scarf (scarves) 围巾 条, jacket 夹克 件, skirt 短裙 条, tie 领带 条, suit 西装 套, raincoat 雨衣 件, uniform 校服 套, belt 腰带 条, cap 鸭舌帽 顶, vest 背心 件, apron 围裙 条, waistcoat 马甲 件, cardigan 开衫 件, down jacket 羽绒服 件, qipao (qipaos) 旗袍 件, bow tie 领结 个, cloak 斗篷 件
`);

export const stationery = nouns(`
book 书 本, pen 钢笔 支, pencil 铅笔 支, notebook 笔记本 本, ruler 尺子 把, schoolbag 书包 个, dictionary 词典 本, eraser 橡皮 块, map 地图 张, letter 信 封, card 卡片 张, newspaper 报纸 份, magazine 杂志 本, diary 日记本 本, envelope 信封 个, stamp 邮票 张, crayon 蜡笔 支, paintbrush 画笔 支, comic 漫画书 本, calendar 日历 本, stapler 订书机 个, postcard 明信片 张, photo (photos) 照片 张
`);

export const furniture = nouns(`
table 桌子 张, chair 椅子 把, bed 床 张, sofa 沙发 张, desk 书桌 张, lamp 台灯 盏, shelf (shelves) 架子 个, wardrobe 衣柜 个, mirror 镜子 面, carpet 地毯 块, curtain 窗帘 块, clock 钟 个, cupboard 橱柜 个, bookcase 书柜 个, stool 凳子 个, pillow 枕头 个, blanket 毯子 条, drawer 抽屉 个, vase 花瓶 个, painting 油画 幅, door 门 扇, window 窗户 扇, bench 长凳 条, armchair 扶手椅 把, screen 屏风 面
`);

export const tools = nouns(`
hammer 锤子 把, knife (knives) 刀 把, spoon 勺子 把, fork 叉子 把, cup 杯子 个, bowl 碗 个, plate 盘子 个, bottle 瓶子 个, basket 篮子 个, bucket 水桶 个, umbrella 雨伞 把, key 钥匙 把, lock 锁 把, ladder 梯子 架, needle 针 根, rope 绳子 根, broom 扫帚 把, towel 毛巾 条, candle 蜡烛 根, torch 手电筒 个, toothbrush 牙刷 把, comb 梳子 把, pot 锅 口, kettle 水壶 个, teapot 茶壶 个, saw 锯子 把, axe 斧头 把, shovel 铲子 把, box 盒子 个, bag 包 个, wallet 钱包 个, ring 戒指 枚, necklace 项链 条, fan 扇子 把, suitcase 行李箱 个, backpack 背包 个, whisk 打蛋器 个, tray 托盘 个, jar 罐子 个, lantern 灯笼 盏, nail 钉子 颗, brush 刷子 把
`);

export const devices = nouns(`
phone 手机 部, computer 电脑 台, camera 照相机 台, television 电视 台, radio (radios) 收音机 台, fridge 冰箱 台, washing machine 洗衣机 台, watch 手表 块, printer 打印机 台, tablet 平板电脑 台, microphone 麦克风 个, keyboard 键盘 个, mouse (mice) 鼠标 个, headset 耳机 副, loudspeaker 音箱 个, oven 烤箱 台, heater 暖气机 台, alarm clock 闹钟 个, telescope 望远镜 架, microscope 显微镜 台, calculator 计算器 个, drone 无人机 架, vacuum cleaner 吸尘器 台, air conditioner 空调 台, rice cooker 电饭锅 个, hairdryer 吹风机 个, projector 投影仪 台, power bank 充电宝 个
`);

export const vehicles = nouns(`
car 汽车 辆, bus 公共汽车 辆, bicycle 自行车 辆, train 火车 列, plane 飞机 架, ship 轮船 艘, boat 小船 条, truck 卡车 辆, taxi 出租车 辆, motorbike 摩托车 辆, tram 电车 辆, helicopter 直升机 架, tractor 拖拉机 辆, scooter 滑板车 辆, van 面包车 辆, ambulance 救护车 辆, fire engine 消防车 辆, high-speed train 高铁 列, ferry 渡轮 艘, hot-air balloon 热气球 个, cable car 缆车 辆, sailing boat 帆船 艘
`);

export const instruments = nouns(
  `piano (pianos) 钢琴 架, guitar 吉他 把, violin 小提琴 把, flute 长笛 支, drum 鼓 面, trumpet 小号 支, harp 竖琴 架, cello (cellos) 大提琴 把, accordion 手风琴 架, erhu 二胡 把, harmonica 口琴 支, guzheng 古筝 架, saxophone 萨克斯 支, pipa 琵琶 把`,
);

export const plants = nouns(
  `flower 花 朵, rose 玫瑰 朵, tulip 郁金香 朵, sunflower 向日葵 朵, tree 树 棵, apple tree 苹果树 棵, pine 松树 棵, willow 柳树 棵, lotus 荷花 朵, lily 百合 朵, cactus (cacti) 仙人掌 棵, orchid 兰花 盆, chrysanthemum 菊花 朵, bamboo 竹子 棵, maple 枫树 棵, daisy 雏菊 朵, plum blossom 梅花 朵, peony 牡丹 朵, oak 橡树 棵, ginkgo (ginkgos) 银杏 棵, cherry tree 樱桃树 棵, vine 葡萄藤 根`,
);

export const thingAdjectives = adjectives(`
new 新, old 旧, big 大, small 小, beautiful 漂亮, cheap 便宜, expensive 贵, heavy 重, light 轻, useful 有用, clean 干净, dirty 脏, special 特别, strange 奇怪, broken 破, lovely 可爱, fine 精致, simple 简单, practical 实用, shiny 闪亮, unusual 少见, precious 珍贵, pretty 好看, modern 新潮, sturdy 结实, fashionable 时髦, rare 稀有, strong 牢固, plain 朴素, fragile 易碎
`);

export const clothesAdjectives = adjectives(
  `new 新, old 旧, warm 暖和, soft 柔软, beautiful 漂亮, comfortable 舒适, expensive 贵, cheap 便宜, fashionable 时髦, thick 厚, thin 薄, long 长, short 短, loose 宽松, tight 紧, clean 干净, dirty 脏, elegant 优雅, plain 朴素, bright 鲜艳`,
);

/** After "made of". */
export const materialNames = others(
  `wood 木头, plastic 塑料, metal 金属, glass 玻璃, paper 纸, leather 皮革, stone 石头, silk 丝绸, cotton 棉布, bamboo 竹子, clay 陶土, rubber 橡胶, iron 铁, wool 羊毛, copper 铜`,
);
