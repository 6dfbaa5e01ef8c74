import swcVisitor from '@swc/core/Visitor.js';

type Statement = Parameters<InstanceType<typeof swcVisitor.Visitor>['visitStatement']>[0];
type Declarators = Parameters<InstanceType<typeof swcVisitor.Visitor>['visitVariableDeclarators']>[0];

/**
 * Teaches the walker that dependency-cruiser uses to read `using x = …`, which it otherwise stops at.
 * Does nothing once the walker knows it by itself.
 */
export function readUsing(): void {
  const walker = swcVisitor.Visitor.prototype;
  const visitKnown = walker.visitStatement;
  walker.visitStatement = function (statement: Statement) {
    if (!isUsing(statement)) return visitKnown.call(this, statement);
    this.visitVariableDeclarators(statement.decls);
    return statement;
  };
}

function isUsing(statement: { type: string }): statement is Statement & { decls: Declarators } {
  return statement.type === 'UsingDeclaration';
}
