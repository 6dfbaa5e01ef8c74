import { type AddressRange, isIn, parseAddressRange } from './addresses.ts';
import {
  type AddressLiteral,
  type Comparison,
  ExpressionError,
  type ListLiteral,
  type StringLiteral,
} from './parse.ts';
import { compileWildcard } from './wildcard.ts';

/** What a comparison asks of a text; throws an `ExpressionError`. */
export function compileTextTest({ operator, right, at }: Comparison): (value: string) => boolean {
  switch (operator) {
    case 'eq':
    case 'ne': {
      const wanted = textOf(right);
      return (value) => (value === wanted) === (operator === 'eq');
    }
    case 'contains':
      return (value) => value.includes(right.value);
    case 'in': {
      const wanted = new Set(right.items.map(textOf));
      return (value) => wanted.has(value);
    }
    case 'matches': {
      const expression = compileRegExp(right);
      return (value) => expression.test(value);
    }
    case 'wildcard':
    case 'strict wildcard': {
      const expression = compileWildcard(right.value, { strict: operator === 'strict wildcard' });
      if (expression === undefined) throw new ExpressionError('invalid wildcard', at);
      return (value) => expression.test(value);
    }
  }
}

function textOf(node: StringLiteral | AddressLiteral): string {
  if (node.kind !== 'string') throw new ExpressionError('expected a literal string', node.at);
  return node.value;
}

function compileRegExp({ value, at }: StringLiteral): RegExp {
  try {
    return new RegExp(value, 'su');
  } catch {
    throw new ExpressionError('invalid regular expression', at);
  }
}

/** What a comparison asks of an address: networks and ranges only in a list (3.3). Throws an `ExpressionError`. */
export function compileAddressTest(
  { operator, right, at }: Comparison,
  options: { hostBits: boolean },
): (address: AddressRange) => boolean {
  if (operator !== 'in' && operator !== 'eq' && operator !== 'ne') {
    throw new ExpressionError(`an IP address has no operator ${operator}`, at);
  }
  const ranges = itemsOf(right).map((item) => rangeOf(item, options));
  const [only] = ranges;
  if (operator !== 'in' && only?.first !== only?.last) {
    throw new ExpressionError('a network can only be used with in', right.at);
  }
  return (address) => isIn(address, ranges) === (operator !== 'ne');
}

function itemsOf(node: StringLiteral | AddressLiteral | ListLiteral) {
  return node.kind === 'list' ? node.items : [node];
}

function rangeOf(item: StringLiteral | AddressLiteral, options: { hostBits: boolean }): AddressRange {
  if (item.kind === 'string') throw new ExpressionError('expected an IP address', item.at);
  const range = parseAddressRange(item.text, options);
  if (typeof range === 'string') throw new ExpressionError(range, item.at);
  return range;
}
