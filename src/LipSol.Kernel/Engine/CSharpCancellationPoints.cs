using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Puts <see cref="CancellationPoint"/>s into the C# of a cell: into each loop, at the beginning of each function and between the cell's own statements. Lines stay where they are. What cleans up
/// (<c>finally</c>, <c>Dispose</c>, finalizers) and static constructors are done whole. A function that native code calls has none: no exception can pass through that.
/// </summary>
internal static class CSharpCancellationPoints
{
    private const string Type = "global::LipSol.Kernel.Engine." + nameof(CancellationPoint);
    private const string Statement = $"if({Type}.{nameof(CancellationPoint.Pending)}!=0){Type}.{nameof(CancellationPoint.Reach)}();";
    private const string Shield = $"using({Type}.{nameof(CancellationPoint.Shield)}()){{";
    private const string Before = $"{Type}.{nameof(CancellationPoint.Pass)}(";

    /// <summary>The text of <paramref name="submission"/>, which compiles, with points; null where there is no place for one.</summary>
    /// <param name="submission">A cell's C#.</param>
    /// <param name="values">Whether what a function gives back without a statement (<c>=> value</c>) passes through one.</param>
    public static string? PutInto(Compilation submission, bool values = true)
    {
        var tree = submission.SyntaxTrees.First();
        var places = new Places(submission.GetSemanticModel(tree), values);
        places.Visit(tree.GetRoot());
        return places.Insertions.Count == 0 ? null : Insert(tree.GetText(), places.Insertions);
    }

    private static string Insert(SourceText text, List<(int At, string Text)> insertions)
    {
        var (whole, changed, from) = (text.ToString(), new StringBuilder(), 0);
        // By place, those of one place in the order in which they were found: what stands outside is found first.
        foreach (var (at, inserted) in insertions.OrderBy(i => i.At))
        {
            changed.Append(whole, from, at - from).Append(inserted);
            from = at;
        }

        return changed.Append(whole, from, whole.Length - from).ToString();
    }

    private sealed class Places(SemanticModel model, bool values) : CSharpSyntaxWalker
    {
        public List<(int At, string Text)> Insertions { get; } = [];

        public override void VisitWhileStatement(WhileStatementSyntax node) => Loop(node, node.Statement);

        public override void VisitDoStatement(DoStatementSyntax node) => Loop(node, node.Statement);

        public override void VisitForStatement(ForStatementSyntax node) => Loop(node, node.Statement);

        public override void VisitForEachStatement(ForEachStatementSyntax node) => Loop(node, node.Statement);

        public override void VisitForEachVariableStatement(ForEachVariableStatementSyntax node) => Loop(node, node.Statement);

        public override void VisitLabeledStatement(LabeledStatementSyntax node)
        {
            Insertions.Add((node.ColonToken.Span.End, Statement));
            base.VisitLabeledStatement(node);
        }

        public override void VisitGlobalStatement(GlobalStatementSyntax node)
        {
            if (node.Parent is CompilationUnitSyntax { Members: var members } && members[0] != node && node.Statement is not (LocalFunctionStatementSyntax or LabeledStatementSyntax))
                Insertions.Add((node.SpanStart, Statement));
            base.VisitGlobalStatement(node);
        }

        public override void VisitMethodDeclaration(MethodDeclarationSyntax node)
        {
            if (node.Identifier.Text is "Dispose" or "DisposeAsync")
            {
                Whole(node.Body);
                // "Dispose() => Close();" becomes a block, its arrow a comment.
                if (node is { ExpressionBody: { } arrow, ReturnType: PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword } })
                {
                    Insertions.Add((arrow.ArrowToken.SpanStart, "{" + Shield + "/*"));
                    Insertions.Add((arrow.ArrowToken.Span.End, "*/"));
                    Insertions.Add((node.SemicolonToken.Span.End, "}}"));
                }

                return;
            }

            if (node.AttributeLists.SelectMany(l => l.Attributes).Any(a => a.Name.ToString().EndsWith("UnmanagedCallersOnly", StringComparison.Ordinal))) return;
            Function(node.Body, node.ExpressionBody);
            base.VisitMethodDeclaration(node);
        }

        public override void VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
        {
            Function(node.Body, node.ExpressionBody);
            base.VisitLocalFunctionStatement(node);
        }

        public override void VisitOperatorDeclaration(OperatorDeclarationSyntax node)
        {
            Function(node.Body, node.ExpressionBody);
            base.VisitOperatorDeclaration(node);
        }

        public override void VisitAccessorDeclaration(AccessorDeclarationSyntax node)
        {
            Function(node.Body, node.ExpressionBody);
            base.VisitAccessorDeclaration(node);
        }

        public override void VisitPropertyDeclaration(PropertyDeclarationSyntax node)
        {
            Function(block: null, node.ExpressionBody);
            base.VisitPropertyDeclaration(node);
        }

        public override void VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
        {
            Function(node.Block, expression: null);
            base.VisitAnonymousMethodExpression(node);
        }

        public override void VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node)
        {
            if (Lambda(node)) base.VisitSimpleLambdaExpression(node);
        }

        public override void VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node)
        {
            if (Lambda(node)) base.VisitParenthesizedLambdaExpression(node);
        }

        public override void VisitFinallyClause(FinallyClauseSyntax node) => Whole(node.Block);

        public override void VisitDestructorDeclaration(DestructorDeclarationSyntax node)
        {
        }

        public override void VisitConstructorDeclaration(ConstructorDeclarationSyntax node)
        {
            if (node.Modifiers.Any(SyntaxKind.StaticKeyword)) Whole(node.Body);
            else base.VisitConstructorDeclaration(node);
        }

        // What is told of an argument's own text must be that text.
        public override void VisitInvocationExpression(InvocationExpressionSyntax node)
        {
            var functions = node.ArgumentList.Arguments.Any(a => a.DescendantNodes().Any(n => n is AnonymousFunctionExpressionSyntax or QueryExpressionSyntax));
            if (functions && model.GetSymbolInfo(node).Symbol is IMethodSymbol method && (method.IsExtern || method.Parameters.Any(p => p.GetAttributes().Any(a => a.AttributeClass?.Name == "CallerArgumentExpressionAttribute"))))
                Visit(node.Expression);
            else
                base.VisitInvocationExpression(node);
        }

        // A query may be an expression tree: the methods of its clauses tell. One within it is visited by itself.
        public override void VisitQueryExpression(QueryExpressionSyntax node)
        {
            var clauses = node.DescendantNodes(n => n == node || n is not QueryExpressionSyntax).ToList();
            if (clauses.Exists(IsTree)) return;
            foreach (var value in clauses.SelectMany(Computed)) Wrap(value);
            base.VisitQueryExpression(node);
        }

        private void Whole(BlockSyntax? block)
        {
            if (block is null) return;
            Insertions.Add((block.OpenBraceToken.Span.End, Shield));
            Insertions.Add((block.CloseBraceToken.SpanStart, "}"));
        }

        private void Loop(StatementSyntax loop, StatementSyntax body)
        {
            if (body is BlockSyntax block)
            {
                Insertions.Add((block.OpenBraceToken.Span.End, Statement));
                base.DefaultVisit(loop);
                return;
            }

            Insertions.Add((body.SpanStart, "{" + Statement));
            base.DefaultVisit(loop);
            Insertions.Add((body.Span.End, "}"));
        }

        private void Function(BlockSyntax? block, ArrowExpressionClauseSyntax? expression)
        {
            if (block is not null)
                Insertions.Add((block.OpenBraceToken.Span.End, Statement));
            else if (expression is not null)
                Wrap(expression.Expression);
        }

        // What a clause of a query computes for each element. The first "from" is computed once, before it; "select x" behind a "where" calls no method, which "select Pass(x)" would: behind a "from" or
        // "join" it's in their call.
        private static IEnumerable<ExpressionSyntax> Computed(SyntaxNode inQuery) => inQuery switch
        {
            FromClauseSyntax { Parent: QueryBodySyntax } from => [from.Expression],
            JoinClauseSyntax join => [join.LeftExpression, join.RightExpression],
            WhereClauseSyntax where => [where.Condition],
            LetClauseSyntax let => [let.Expression],
            OrderingSyntax ordering => [ordering.Expression],
            GroupClauseSyntax group => [group.ByExpression],
            SelectClauseSyntax { Expression: not IdentifierNameSyntax } or SelectClauseSyntax { Parent: QueryBodySyntax { Clauses: [.., FromClauseSyntax or JoinClauseSyntax] } } => [((SelectClauseSyntax)inQuery).Expression],
            _ => [],
        };

        private bool IsTree(SyntaxNode inQuery)
        {
            var method = inQuery switch
            {
                QueryClauseSyntax clause => model.GetQueryClauseInfo(clause).OperationInfo.Symbol,
                SelectOrGroupClauseSyntax or OrderingSyntax => model.GetSymbolInfo(inQuery).Symbol,
                _ => null,
            };
            return method is IMethodSymbol { Parameters: var parameters } && parameters.Any(p => IsTree(p.Type));
        }

        private static bool IsTree(ITypeSymbol? type) => type is INamedTypeSymbol { Name: "Expression", ContainingNamespace.Name: "Expressions" };

        private bool Lambda(LambdaExpressionSyntax lambda)
        {
            if (IsTree(model.GetTypeInfo(lambda).ConvertedType))
                return false;
            if (lambda.Block is not null)
            {
                Insertions.Add((lambda.Block.OpenBraceToken.Span.End, Statement));
            }
            else if (lambda.ExpressionBody is { } body && model.GetTypeInfo(body).Type?.SpecialType == SpecialType.System_Void)
            {
                // No function that gives a value: as a block it fits what it fitted.
                Insertions.Add((body.SpanStart, "{" + Statement));
                Insertions.Add((body.Span.End, ";}"));
            }
            else if (lambda.ExpressionBody is { } value)
            {
                Wrap(value);
            }

            return true;
        }

        // Where the value passes through a method of its own type, nothing else about it changes.
        private void Wrap(ExpressionSyntax expression)
        {
            var (bare, type) = (Bare(expression), model.GetTypeInfo(expression));
            if (!values || bare is RefExpressionSyntax or ThrowExpressionSyntax or ImplicitObjectCreationExpressionSyntax or StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax
                || bare.IsKind(SyntaxKind.DefaultLiteralExpression)
                || type.Type is null or IPointerTypeSymbol or IFunctionPointerTypeSymbol or IDynamicTypeSymbol or IErrorTypeSymbol
                || type.Type.SpecialType == SpecialType.System_Void || !SymbolEqualityComparer.Default.Equals(type.Type, type.ConvertedType) || model.GetConstantValue(expression).HasValue)
            {
                return;
            }

            // A call may stand alone as a statement, and choose another overload so; a value in parentheses may not.
            var stands = expression is InvocationExpressionSyntax or AssignmentExpressionSyntax or AwaitExpressionSyntax or ObjectCreationExpressionSyntax or ConditionalAccessExpressionSyntax
                || expression.Kind() is SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression or SyntaxKind.PreIncrementExpression or SyntaxKind.PreDecrementExpression;
            Insertions.Add((expression.SpanStart, stands ? Before : "(" + Before));
            Insertions.Add((expression.Span.End, stands ? ")" : "))"));
        }

        private static ExpressionSyntax Bare(ExpressionSyntax expression) => expression switch
        {
            ParenthesizedExpressionSyntax inner => Bare(inner.Expression),
            CheckedExpressionSyntax inner => Bare(inner.Expression),
            PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } inner => Bare(inner.Operand),
            _ => expression,
        };
    }
}
