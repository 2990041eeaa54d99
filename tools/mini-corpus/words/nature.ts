/** @file Weather, seasons, days, numbers. */
import { adjectives, nouns, others } from '../engine/words.js';

/** After "it is"; 天气很…. */
export const weatherAdjectives = adjectives(
  `hot 热, cold 冷, warm 暖和, cool 凉爽, fine 好, bad 糟糕, dry 干燥, humid 潮湿, mild 温和, pleasant 宜人, stuffy 闷热, chilly 清冷, changeable 多变, muggy 湿热, gloomy 阴沉, bright 明朗`,
);

/** Kinds of day: a rainy day, 下雨天. */
export const dayKinds = nouns(
  `rainy day 雨天 个, sunny day 晴天 个, snowy day 下雪天 个, windy day 刮风天 个, cloudy day 阴天 个, foggy day 雾天 个, cold day 大冷天 个, hot day 大热天 个, stormy day 暴风雨天 个, bright day 明朗的日子 个`,
);

/** "It is raining": 在下雨. */
export const weatherEvents = others(
  `raining 下雨, snowing 下雪, raining heavily 下大雨, drizzling 下小雨, snowing heavily 下大雪, hailing 下冰雹, blowing hard 刮大风, pouring 下暴雨, thundering 打雷, sleeting 下雨夹雪`,
);

export const skySights =
  others(`The sky is blue 天空很蓝, The sun is shining 阳光灿烂, There is not a cloud in the sky 天上一片云也没有, Dark clouds cover the sky 乌云布满天空, The wind is strong 风很大, The moon is bright 月亮很亮, The stars are shining 星星在闪烁, There is a rainbow after the rain 雨后出现了彩虹
The fog is thick 雾很浓, The leaves are falling 树叶在飘落, The snow is melting 雪正在融化, The air is fresh 空气清新, A light breeze is blowing 微风轻轻地吹, Thunder rolls in the distance 远处传来雷声, The ground is wet 地面湿了, White clouds drift slowly 白云慢慢地飘, The sunset is red 晚霞红红的, Frost covers the grass 草上结了霜
The river has frozen 河水结冰了, The flowers are opening 花儿开了, The birds are singing 鸟儿在歌唱, Puddles fill the street 街上到处是水坑, The days are getting longer 白天越来越长, The nights are getting colder 夜里越来越冷, Lightning flashes 闪电划过天空, The roofs are white with snow 屋顶上白雪皑皑`);

export const seasons = others(`spring 春天, summer 夏天, autumn 秋天, winter 冬天`);
export const weekdays = others(
  `Monday 星期一, Tuesday 星期二, Wednesday 星期三, Thursday 星期四, Friday 星期五, Saturday 星期六, Sunday 星期天`,
);
export const months = others(
  `January 一月, February 二月, March 三月, April 四月, May 五月, June 六月, July 七月, August 八月, September 九月, October 十月, November 十一月, December 十二月`,
);
export const dayParts = others(
  `in the morning 早上, in the afternoon 下午, in the evening 傍晚, at night 夜里, at noon 中午, at dawn 黎明时分`,
);

/** What to do or take for the weather. */
export const weatherAdvice = others(
  `take an umbrella 带上雨伞, wear a warm coat 穿件暖和的大衣, drink more water 多喝水, stay at home 待在家里, wear a hat 戴顶帽子, put on a scarf 围上围巾, close the windows 关好窗户, drive slowly 慢点开车, go for a walk 出去散步, open the window 打开窗户, wear boots 穿上靴子, turn on the heater 打开暖气, eat some watermelon 吃点西瓜, bring the washing in 把衣服收进来, put on sun cream 涂防晒霜, drink hot tea 喝点热茶`,
);

export const temperatures = others(
  `two degrees 两度, five degrees 五度, ten degrees 十度, fifteen degrees 十五度, twenty degrees 二十度, twenty-five degrees 二十五度, thirty degrees 三十度, thirty-five degrees 三十五度, minus five degrees 零下五度, minus ten degrees 零下十度`,
);

/** Counting words; in Chinese 两 stands before a measure word. */
export const counts = others(
  `two 两, three 三, four 四, five 五, six 六, seven 七, eight 八, nine 九, ten 十, twelve 十二, twenty 二十`,
);
