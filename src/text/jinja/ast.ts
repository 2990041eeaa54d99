/** @file The syntax tree of a Jinja template. */

export type Expression =
  | { type: 'Const'; value: string | bigint | number | boolean | null }
  | { type: 'Name'; name: string }
  | { type: 'List' | 'Tuple'; items: Expression[] }
  | { type: 'Dict'; entries: [Expression, Expression][] }
  | { type: 'Unary'; operator: 'not' | '-' | '+'; operand: Expression }
  | { type: 'Binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { type: 'Compare'; left: Expression; rest: [CompareOperator, Expression][] }
  | { type: 'Conditional'; test: Expression; value: Expression; otherwise?: Expression }
  | { type: 'Attribute'; object: Expression; name: string }
  | { type: 'Item'; object: Expression; index: Expression }
  | { type: 'Slice'; start?: Expression; stop?: Expression; step?: Expression }
  | { type: 'Call'; callee: Expression; args: Arguments }
  | { type: 'Filter'; operand?: Expression; name: string; args: Arguments }
  | { type: 'Test'; operand: Expression; name: string; args: Arguments; isNot: boolean };

export type BinaryOperator = 'and' | 'or' | '+' | '-' | '*' | '/' | '//' | '%' | '**' | '~';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface Arguments {
  positional: Expression[];
  named: [string, Expression][];
}

export interface Parameter {
  name: string;
  byDefault?: Expression;
}

export type Statement =
  | { type: 'Text'; text: string }
  | { type: 'Output'; value: Expression }
  | { type: 'If'; branches: { test: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | {
      type: 'For';
      target: Expression;
      iterable: Expression;
      test?: Expression;
      isRecursive: boolean;
      body: Statement[];
      otherwise: Statement[];
    }
  | { type: 'Set'; target: Expression; value: Expression }
  | { type: 'SetBlock'; target: Expression; filter?: Expression; body: Statement[] }
  | { type: 'Macro'; name: string; parameters: Parameter[]; body: Statement[] }
  | { type: 'CallBlock'; parameters: Parameter[]; call: Expression; body: Statement[] }
  | { type: 'FilterBlock'; filter: Expression; body: Statement[] }
  | { type: 'With'; bindings: [Expression, Expression][]; body: Statement[] }
  | { type: 'Generation'; body: Statement[] }
  | { type: 'Break' | 'Continue' };

/** The direct subexpressions of an expression. */
export function partsOf(node: Expression): Expression[] {
  switch (node.type) {
    case 'Const':
    case 'Name':
      return [];
    case 'List':
    case 'Tuple':
      return node.items;
    case 'Dict':
      return node.entries.flat();
    case 'Unary':
      return [node.operand];
    case 'Binary':
      return [node.left, node.right];
    case 'Compare':
      return [node.left, ...node.rest.map(([, right]) => right)];
    case 'Conditional':
      return [node.test, node.value, ...(node.otherwise ? [node.otherwise] : [])];
    case 'Attribute':
      return [node.object];
    case 'Item':
      return [node.object, node.index];
    case 'Slice':
      return [node.start, node.stop, node.step].filter((part) => part !== undefined);
    case 'Call':
      return [node.callee, ...argumentsOf(node.args)];
    case 'Filter':
      return [...(node.operand ? [node.operand] : []), ...argumentsOf(node.args)];
    case 'Test':
      return [node.operand, ...argumentsOf(node.args)];
  }
}

const argumentsOf = ({ positional, named }: Arguments) => [...positional, ...named.map(([, value]) => value)];

/** The expressions of a statement itself, without those in its body. */
export function expressionsOf(node: Statement): Expression[] {
  const defaults = (parameters: readonly Parameter[]) =>
    parameters.flatMap(({ byDefault }) => byDefault ?? []);
  switch (node.type) {
    case 'Output':
      return [node.value];
    case 'If':
      return node.branches.map(({ test }) => test);
    case 'For':
      return [node.target, node.iterable, ...(node.test ? [node.test] : [])];
    case 'Set':
      return [node.target, node.value];
    case 'SetBlock':
      return [node.target, ...(node.filter ? [node.filter] : [])];
    case 'Macro':
      return defaults(node.parameters);
    case 'CallBlock':
      return [node.call, ...defaults(node.parameters)];
    case 'FilterBlock':
      return [node.filter];
    case 'With':
      return node.bindings.flat();
    default:
      return [];
  }
}

/** The lists of statements in a statement: its bodies. */
export function bodiesOf(node: Statement): Statement[][] {
  if (node.type === 'If') return [...node.branches.map(({ body }) => body), node.otherwise];
  if (node.type === 'For') return [node.body, node.otherwise];
  return 'body' in node ? [node.body] : [];
}
