/**
 * @file Tools in requests: what the model is shown, and what its answer is held to. A call is valid by the schema of
 *   its tool, once it has begun; one that is required is begun for the model, as its template writes calls.
 */

import { UsageError } from '../../errors.js';
import { grammarsOf } from '../../generation/grammar-row.js';
import { type CallsInText, SchemaError } from '../../grammar/index.js';
import { say } from '../../say.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { type ToolCallFormat, ToolCallReader } from '../../text/tool-calls.js';
import type { ChatTemplate } from './chat-template.js';
import { ApiError } from './errors.js';
import { fieldError } from './request-body.js';
import type { ChatBody, ToolBody } from './schemas.js';

export interface ToolUse {
  readonly tools: readonly ToolBody[];
  /** What the assistant's turn begins with, and the schema of what follows, if it has to call. */
  readonly forced?: { readonly beginning: string; readonly jsonSchema: object };
  /** What calls are held to, if it may call. */
  readonly calls?: CallsInText;
  /** Whether one tool was named, which leaves the model no choice. */
  readonly isNamed: boolean;
  /** Whether more than the first call of an answer counts. */
  readonly isParallel: boolean;
  reader(): ToolCallReader;
}

/**
 * Undefined if the answer calls no tools.
 * @throws ApiError for a model that cannot call tools, and for a choice that is not among them
 */
export function toolUseOf(
  { tools, tool_choice: choice, ...body }: ChatBody,
  template: ChatTemplate,
  tokenizer: Tokenizer,
): ToolUse | undefined {
  const named = typeof choice === 'object' ? choice?.function.name : undefined;
  const isForced = choice === 'required' || named !== undefined;
  if (!tools?.length) {
    if (isForced) throw fieldError('tool_choice', say`it means something only with tools`);
    return undefined;
  }
  if (choice === 'none') return undefined; // what the model is not shown, it does not call
  const names = tools.map(({ function: { name } }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw fieldError('tools', say`two tools have the name ${twice}`);
  if (!template.showsTools)
    throw unsupportedTools(say`this model's chat template shows no tools to the model`);
  const { calls: format } = template;
  if (!format)
    throw unsupportedTools(
      say`this model's chat template writes calls of tools in a way that is not read here (as JSON with a name and arguments)`,
    );
  if (body.response_format && body.response_format.type !== 'text')
    throw fieldError('response_format', say`an answer that may call tools is no JSON; leave one of them out`);
  if (named !== undefined && !names.includes(named))
    throw fieldError('tool_choice', say`there is no tool ${JSON.stringify(named)} among tools`);
  const isParallel = body.parallel_tool_calls !== false;
  const use = { tools, isParallel, isNamed: named !== undefined };
  const reader = () => new ToolCallReader(format, names, isForced);
  if (!isForced) return { ...use, calls: callsOf(tools, format, isParallel, tokenizer), reader };
  const wanted = tools.flatMap((tool, place) =>
    named === undefined || tool.function.name === named ? [{ ...tool.function, place }] : [],
  );
  const jsonSchema = schemaOfCalls(wanted, format, isParallel && named === undefined);
  checkSchema(jsonSchema, tokenizer);
  return { ...use, forced: { beginning: format.before, jsonSchema }, reader };
}

const unsupportedTools = (reason: string) =>
  new ApiError(400, say`tools: ${reason}; leave them out`, { param: 'tools', code: 'unsupported_parameter' });

/**
 * What calls are held to that the model decides on. The arguments of a tool whose schema is not supported are any
 * object, unless it is `strict`. Undefined for a tokenizer that no JSON can be held to.
 * @throws ApiError naming the strict tool whose schema is not supported
 */
function callsOf(
  tools: readonly ToolBody[],
  format: ToolCallFormat,
  isParallel: boolean,
  tokenizer: Tokenizer,
): CallsInText | undefined {
  const { marker, keys, isList } = format;
  const heads =
    keys[0] === 'name' ? tools.map((tool) => `"name" : "${tool.function.name}"`) : [`"${keys[0]}" :`];
  // What begins as the template writes a call has to be one. Those that are written otherwise are only read.
  const beginnings = heads.flatMap((head) => [`{ ${head}`, `[ { ${head}`]);
  const places = { marker, beginnings, ...(!isList && { separator: ';' }) };
  let held: readonly PlacedTool[] = tools.map((tool, place) => ({ ...tool.function, place }));
  for (;;) {
    const calls = { ...places, jsonSchema: schemaOfCalls(held, format, isParallel) };
    try {
      grammarsOf(tokenizer).ofCalls(calls);
      return calls;
    } catch (error) {
      if (!(error instanceof SchemaError)) {
        if (error instanceof UsageError && !held.some(({ strict }) => strict)) return undefined;
        throw error;
      }
      const fault = faultOf(error);
      const isFaulty = ({ place, strict, parameters }: PlacedTool) =>
        !strict && parameters !== anyObject && (fault.place ?? place) === place;
      if (!held.some(isFaulty)) throw fault.error;
      held = held.map((tool) => (isFaulty(tool) ? { ...tool, parameters: anyObject } : tool));
    }
  }
}

const noParameters = { type: 'object', additionalProperties: false };
const anyObject = { type: 'object' };

type PlacedTool = ToolBody['function'] & {
  /** Its place in the request. */
  readonly place: number;
};

/** Calls as the template writes them, each by the schema of its tool. */
function schemaOfCalls(
  tools: readonly PlacedTool[],
  { keys, argumentsKey, isList }: ToolCallFormat,
  isMany: boolean,
): Record<string, unknown> {
  const calls = tools.map(({ name, place }) => ({
    type: 'object',
    properties: Object.fromEntries(
      keys.map((key) => [key, key === argumentsKey ? { $ref: `#/$defs/${place}` } : { const: name }]),
    ),
    required: keys,
    additionalProperties: false,
  }));
  const schemas = tools.map(({ parameters, place }) => [
    place,
    withinDefs(parameters ?? noParameters, `#/$defs/${place}`),
  ]);
  const $defs = Object.fromEntries(schemas);
  const call = calls.length === 1 ? calls[0]! : { anyOf: calls };
  if (!isList) return { ...call, $defs };
  return { type: 'array', items: call, minItems: 1, ...(!isMany && { maxItems: 1 }), $defs };
}

/** A schema that has become a part of another, whose references have to say so. */
function withinDefs(schema: unknown, path: string): unknown {
  if (Array.isArray(schema)) return schema.map((each) => withinDefs(each, path));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' && value.startsWith('#')
        ? path + value.slice(1)
        : withinDefs(value, path),
    ]),
  );
}

/** @throws ApiError naming the tool whose schema is not supported */
function checkSchema(jsonSchema: Record<string, unknown>, tokenizer: Tokenizer): void {
  try {
    grammarsOf(tokenizer).ofJsonSchema(jsonSchema);
  } catch (error) {
    throw error instanceof SchemaError ? faultOf(error).error : error;
  }
}

/** The tool whose schema has a fault, by its place in the request, if it is one tool's. */
function faultOf({ place: where, problem }: SchemaError): { place?: number; error: ApiError } {
  const [, place, inside = ''] = /^#\/\$defs\/(\d+)(.*)$/.exec(where) ?? [];
  if (place === undefined) return { error: fieldError('tools', problem) };
  return {
    place: Number(place),
    error: fieldError(`tools.${place}.function.parameters`, `#${inside}: ${problem}`),
  };
}
