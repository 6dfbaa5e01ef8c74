/**
 * The part of Cloudflare's rules language that redirects need (3.3), for peggy. It knows words and brackets only; types,
 * addresses and what a plan may use are looked at in `compile.ts`. The option `isKnown` tells fields and functions.
 *
 * `Filter` is the condition of a rule, `Target` the expression of a dynamic redirect.
 */
export const grammar = String.raw`
{{
  const join = (kind, first, rest) => (rest.length === 0 ? first : { kind, terms: [first, ...rest] });
}}

Filter = _ @Or _
Target = _ @Value _

Or = first:Xor rest:(_ ("||" / "or" !Letter) _ @Xor)* { return join('or', first, rest); }
Xor = first:And rest:(_ ("^^" / "xor" !Letter) _ @And)* { return join('xor', first, rest); }
And = first:Term rest:(_ ("&&" / "and" !Letter) _ @Term)* { return join('and', first, rest); }

Term
  = ("!" / "not" !Letter) _ term:Term { return { kind: 'not', term }; }
  / "(" _ @Or _ ")"
  / Comparison

Comparison
  = value:("true" / "false") !Letter { return { kind: 'boolean', value: value === 'true', at: range() }; }
  / left:(Call / Field) test:(_ @Test)? {
      return test === null ? left : { kind: 'comparison', left, ...test, at: range() };
    }

Test
  = operator:Equality _ right:(String / Address) { return { operator, right }; }
  / operator:TextOperator _ right:String { return { operator, right }; }
  / ("~" / "matches" !Letter) _ right:Pattern { return { operator: 'matches', right }; }
  / "in" !Letter _ right:List { return { operator: 'in', right }; }

Equality
  = ("==" / "eq" !Letter) { return 'eq'; }
  / ("!=" / "ne" !Letter) { return 'ne'; }

TextOperator
  = @"contains" !Letter
  / @"wildcard" !Letter
  / "strict" _ "wildcard" !Letter { return 'strict wildcard'; }

Value = String / Call / Field

Call
  = name:Known _ "(" _ values:(first:Value rest:(_ "," _ @Value)* { return [first, ...rest]; })? _ ")" {
      return { kind: 'call', name, values: values ?? [], at: range() };
    }

Field = name:Known keys:("[" _ @(String / Index) _ "]")* { return { kind: 'field', name, keys, at: range() }; }

Index = digits:$[0-9]+ { return { kind: 'index', value: Number(digits), at: range() }; }

List = "{" items:(_ @(String / Address))* _ "}" { return { kind: 'list', items, at: range() }; }

// One address, a range of them or a network, judged later.
Address = text:$[0-9a-fA-F:./]+ { return { kind: 'address', text, at: range() }; }

String = value:(Raw / Quoted) { return { kind: 'string', value, at: range() }; }

Quoted = '"' @Characters '"'
Characters = characters:Character* { return characters.join(''); }
Character
  = [^"\\]
  / "\\" @["\\]
  / "\\x" code:$([0-9a-fA-F] [0-9a-fA-F]) { return String.fromCharCode(parseInt(code, 16)); }

// A regular expression keeps its escapes, except that of the quotation mark.
Pattern
  = value:Raw { return { kind: 'string', value, at: range() }; }
  / '"' parts:([^"\\] / "\\" @'"' / $("\\" [^"]))* '"' {
      return { kind: 'string', value: parts.join(''), at: range() };
    }

Raw = "r" fence:$"#"* '"' @$(!('"' "#"|{ return fence.length; }|) .)* '"' "#"|{ return fence.length; }|

// Said at once, as Cloudflare does, and not after a look at what could follow.
Known = name:Name {
    if (!options.isKnown(name)) error('unknown identifier');
    return name;
  }

Name = $([a-zA-Z_] [a-zA-Z0-9_]* ("." [a-zA-Z0-9_]+)*)
Letter = [a-zA-Z0-9_.]
_ = [ \t\r\n]*
`;
