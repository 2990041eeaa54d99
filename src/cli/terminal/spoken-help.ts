/** @file Help in the chosen language, and in the width of its characters. */
import type { HelpConfiguration } from 'commander';
import { helpText } from '../messages/index.js';
import { widthOf, wrapped } from './text-width.js';

export const spokenHelp: HelpConfiguration = {
  styleTitle: helpText,
  commandDescription: (command) => helpText(command.description()),
  subcommandDescription: (command) => helpText(command.description()),
  argumentDescription: ({ description }) => helpText(description),
  // Descriptions already state an option's choices and default.
  optionDescription: ({ description }) => helpText(description),
  displayWidth: (text) => widthOf(text),
  boxWrap: (text, width) => wrapped(text, width),
};
