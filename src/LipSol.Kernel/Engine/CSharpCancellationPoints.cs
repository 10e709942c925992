using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Puts <see cref="CancellationPoint"/>s into the C# of a cell: into each loop, at the beginning of each function and between the cell's own statements. Lines stay where they are. What cleans up
/// (<c>finally</c>, <c>Dispose</c>, finalizers) and what can be run only once (the initialising of a type) is done whole.
/// </summary>
internal static class CSharpCancellationPoints
{
    private const string Type = "global::LipSol.Kernel.Engine." + nameof(CancellationPoint);
    private const string Statement = $"if({Type}.{nameof(CancellationPoint.Pending)}!=0){Type}.{nameof(CancellationPoint.Reach)}();";
    private const string Shield = $"using({Type}.{nameof(CancellationPoint.Shield)}()){{";
    private const string Before = $"{Type}.{nameof(CancellationPoint.Pass)}(";

    /// <summary>The text of <paramref name="submission"/>, which compiles, with points; null where there is no place for one.</summary>
    public static string? PutInto(Compilation submission)
    {
        var tree = submission.SyntaxTrees.First();
        var places = new Places(new Lazy<SemanticModel>(() => submission.GetSemanticModel(tree)));
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

    private sealed class Places(Lazy<SemanticModel> model) : CSharpSyntaxWalker
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
                return;
            }

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
            if (!node.Modifiers.Any(SyntaxKind.StaticKeyword)) base.VisitConstructorDeclaration(node);
        }

        // A query may be an expression tree, and its clauses are no lambdas that could be looked at.
        public override void VisitQueryExpression(QueryExpressionSyntax node)
        {
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

        private bool Lambda(LambdaExpressionSyntax lambda)
        {
            if (model.Value.GetTypeInfo(lambda).ConvertedType is INamedTypeSymbol { Name: "Expression", ContainingNamespace.Name: "Expressions" })
                return false;
            if (lambda.Block is not null)
                Insertions.Add((lambda.Block.OpenBraceToken.Span.End, Statement));
            else if (lambda.ExpressionBody is { } body)
                Wrap(body);
            return true;
        }

        // Where the value passes through a method of its own type, nothing else about it changes.
        private void Wrap(ExpressionSyntax expression)
        {
            var type = model.Value.GetTypeInfo(expression);
            if (expression is RefExpressionSyntax or ThrowExpressionSyntax or ImplicitObjectCreationExpressionSyntax or StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax || type.Type is null or IPointerTypeSymbol or IFunctionPointerTypeSymbol or IDynamicTypeSymbol or IErrorTypeSymbol
                || type.Type.SpecialType == SpecialType.System_Void || !SymbolEqualityComparer.Default.Equals(type.Type, type.ConvertedType) || model.Value.GetConstantValue(expression).HasValue)
            {
                return;
            }

            Insertions.Add((expression.SpanStart, Before));
            Insertions.Add((expression.Span.End, ")"));
        }
    }
}
