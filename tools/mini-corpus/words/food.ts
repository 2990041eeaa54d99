/** @file Food and drink. */
import { adjectives, nouns, others } from '../engine/words.js';

export const fruits = nouns(`
apple 苹果 个, banana 香蕉 根, pear 梨 个, peach 桃子 个, orange 橙子 个, lemon 柠檬 个, strawberry 草莓 颗, cherry 樱桃 颗, mango 芒果 个
pineapple 菠萝 个, watermelon 西瓜 个, melon 甜瓜 个, plum 李子 个, apricot 杏 个, kiwi (kiwis) 猕猴桃 个, coconut 椰子 个, lychee 荔枝 颗, fig 无花果 个
blueberry 蓝莓 颗, grapefruit 西柚 个, papaya 木瓜 个, pomegranate 石榴 个, date 枣 颗, tangerine 橘子 个, persimmon 柿子 个, raspberry 树莓 颗, durian 榴莲 个
`);

export const vegetables = nouns(`
potato 土豆 个, tomato 西红柿 个, carrot 胡萝卜 根, onion 洋葱 个, cucumber 黄瓜 根, cabbage 卷心菜 棵, pumpkin 南瓜 个, eggplant 茄子 个, pepper 辣椒 个
mushroom 蘑菇 个, ~spinach 菠菜 把, ~celery 芹菜 根, ~lettuce 生菜 棵, radish 萝卜 个, ~broccoli 西兰花 棵, pea 豌豆 颗, bean 豆子 颗, ~garlic 大蒜 头, ~ginger 生姜 块
sweet potato 红薯 个, bamboo shoot 竹笋 根, ~corn 玉米 根, lotus root 莲藕 节, ~tofu 豆腐 块, leek 韭葱 根, cauliflower 花菜 棵
`);

export const dishes = nouns(`
~rice 米饭 碗, dumpling 饺子 个, sandwich 三明治 个, hamburger 汉堡包 个, pizza 比萨饼 个, ~soup 汤 碗, ~beef 牛肉 块, ~pork 猪肉 块, ~chicken 鸡肉 块, ~fish 鱼 条
~salad 沙拉 份, omelette 煎蛋卷 个, egg 鸡蛋 个, sausage 香肠 根, pancake 煎饼 张, steamed bun 包子 个, spring roll 春卷 个, ~porridge 粥 碗, ~curry 咖喱 份
~spaghetti 意大利面 盘, ~fried rice 炒饭 份, ~roast duck 烤鸭 份, hot pot 火锅 个, ~lamb 羊肉 块, ~bread 面包 片, ~cheese 奶酪 块, ~ham 火腿 片, ~bacon 培根 片
~noodle soup 汤面 碗, ~seafood 海鲜 份, wonton 馄饨 个, steak 牛排 块, ~sushi 寿司 份, taco (tacos) 墨西哥卷饼 个, kebab 烤肉串 串, ~mashed potato 土豆泥 份, rice ball 饭团 个
pie 馅饼 个, ~tomato soup 番茄汤 碗, ~fried chicken 炸鸡 份, ~beef stew 炖牛肉 份, meatball 肉丸 个, zongzi (zongzi) 粽子 个, tea egg 茶叶蛋 个
`);

export const desserts = nouns(`
cake 蛋糕 块, cookie 饼干 块, ~chocolate 巧克力 块, ~ice cream 冰淇淋 个, doughnut 甜甜圈 个, pudding 布丁 个, candy 糖果 颗, ~jelly 果冻 份, muffin 松饼 个, ~honey 蜂蜜 勺
lollipop 棒棒糖 根, tart 果挞 个, ~yoghurt 酸奶 杯, mooncake 月饼 个, brownie 布朗尼 块, waffle 华夫饼 块, egg tart 蛋挞 个, ~cheesecake 芝士蛋糕 块, macaron 马卡龙 个, sesame ball 麻球 个
`);

export const drinks = nouns(`
~tea 茶 杯, ~coffee 咖啡 杯, ~milk 牛奶 杯, ~water 水 杯, ~juice 果汁 杯, ~orange juice 橙汁 杯, ~lemonade 柠檬水 杯, ~soy milk 豆浆 杯, ~hot chocolate 热巧克力 杯, ~cola 可乐 杯
~green tea 绿茶 杯, ~black tea 红茶 杯, ~beer 啤酒 杯, ~wine 葡萄酒 杯, ~milk tea 奶茶 杯, ~mineral water 矿泉水 瓶, milkshake 奶昔 杯, ~jasmine tea 茉莉花茶 杯, ~plum juice 酸梅汤 杯, ~coconut milk 椰汁 杯
`);

export const ingredients = nouns(`
~salt 盐 勺, ~sugar 糖 勺, ~oil 油 勺, ~butter 黄油 块, ~flour 面粉 勺, ~pepper 胡椒 勺, ~vinegar 醋 勺, ~soy sauce 酱油 勺, ~jam 果酱 勺, ~cream 奶油 勺, ~sesame 芝麻 勺, ~chilli sauce 辣椒酱 勺
`);

export const tastes = adjectives(`
sweet 甜, sour 酸, salty 咸, spicy 辣, bitter 苦, fresh 新鲜, delicious 美味, tasty 好吃, crispy 酥脆, tender 鲜嫩, rich 浓郁, light 清淡, juicy 多汁, fragrant 香, oily 油腻
hot 烫, healthy 健康, nutritious 有营养, soft 软, creamy 绵密, crunchy 脆, refreshing 爽口, filling 顶饱
`);

export const fruitTastes = adjectives(
  `sweet 甜, sour 酸, fresh 新鲜, juicy 多汁, ripe 熟, crisp 脆, soft 软, fragrant 香, delicious 好吃, healthy 健康, cheap 便宜, big 大, small 小, tasty 可口`,
);

export const meals = others(`breakfast 早饭, lunch 午饭, dinner 晚饭, supper 晚餐`);

export const containers = others(`a bowl of 一碗, a plate of 一盘, a bit of 一点, a lot of 很多`);

export const cookingVerbs = others(`boil 煮, fry 炒, steam 蒸, bake 烤, roast 烘烤, stew 炖`);
