using System.Text;
using LipSol.Kernel.Engine;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LipSol.Kernel.Assistance;

/// <summary>What could stand at a place of a cell.</summary>
/// <param name="Start">Where the text that it replaces begins.</param>
/// <param name="End">Where that ends.</param>
/// <param name="Items">The texts, in order, and what each is.</param>
internal sealed record Completion(int Start, int End, IReadOnlyList<(string Text, string Kind)> Items);

/// <summary>Whether a cell is ready to run, as a console asks before it does.</summary>
internal enum Completeness
{
    Complete,
    Incomplete,
    Invalid,
}

/// <summary>Helps who writes a cell: completes names, tells what a name is, says whether the text is a whole. Nothing of the cell runs. It must not be asked while a cell runs.</summary>
internal sealed class CellAssistant(CellEngine engine)
{
    private static readonly SymbolDisplayFormat Shown = SymbolDisplayFormat.MinimallyQualifiedFormat
        .WithMemberOptions(SymbolDisplayFormat.MinimallyQualifiedFormat.MemberOptions | SymbolDisplayMemberOptions.IncludeContainingType)
        .WithKindOptions(SymbolDisplayKindOptions.IncludeTypeKeyword | SymbolDisplayKindOptions.IncludeNamespaceKeyword);

    private static readonly string[] Keywords =
        [.. SyntaxFacts.GetKeywordKinds().Where(SyntaxFacts.IsReservedKeyword).Concat([SyntaxKind.VarKeyword, SyntaxKind.AwaitKeyword, SyntaxKind.AsyncKeyword, SyntaxKind.RecordKeyword]).Select(kind => SyntaxFacts.GetText(kind)).Distinct()];

    /// <summary>Names that fit at <paramref name="position"/> of <paramref name="cell"/>; none within texts and comments.</summary>
    public Completion Complete(string cell, int position)
    {
        var start = position;
        while (start > 0 && SyntaxFacts.IsIdentifierPartCharacter(cell[start - 1]))
            start--;
        var prefix = cell[start..position];
        if (MagicAt(cell, position) is { } magic)
            return new Completion(magic.Start, position, [.. Submission.KnownMagics.Where(m => m.StartsWith(magic.Text, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).Select(m => (m, "magic"))]);

        if (Submission.LanguageAt(cell, position) == PartLanguage.FSharp)
            return CompleteFSharp(cell, start, position);
        var code = Submission.OnlyCSharp(cell);
        var compilation = engine.Analyse(code);
        var tree = compilation.SyntaxTrees.First();
        var root = tree.GetRoot();
        if (IsText(root, position) || string.IsNullOrWhiteSpace(code) && cell.Trim().Length > 0)
            return new Completion(position, position, []);
        var model = compilation.GetSemanticModel(tree);
        var dot = start - 1;
        while (dot >= 0 && char.IsWhiteSpace(code[dot]))
            dot--;
        var isMember = dot >= 0 && code[dot] == '.' && !(dot > 0 && code[dot - 1] == '.');
        var symbols = isMember ? Members(model, root.FindToken(dot), start) : model.LookupSymbols(start);
        var items = symbols
            .Where(s => s.CanBeReferencedByName && !s.IsImplicitlyDeclared && s.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .GroupBy(s => s.Name, StringComparer.Ordinal)
            .Select(g => (g.Key, KindOf(g.First())))
            .Concat(isMember ? [] : Keywords.Where(k => prefix.Length > 0 && k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => (k, "keyword")))
            .DistinctBy(i => i.Item1)
            // What begins exactly as typed comes first.
            .OrderBy(i => i.Item1.StartsWith(prefix, StringComparison.Ordinal) ? 0 : 1).ThenBy(i => i.Item1, StringComparer.OrdinalIgnoreCase);
        return new Completion(start, position, [.. items]);
    }

    /// <summary>What stands at <paramref name="position"/>, with its documentation; null where that is nothing with a meaning.</summary>
    public string? Inspect(string cell, int position)
    {
        var compilation = engine.Analyse(Submission.OnlyCSharp(cell));
        var tree = compilation.SyntaxTrees.First();
        var model = compilation.GetSemanticModel(tree);
        var root = tree.GetRoot();
        if (SymbolAt(model, root, position) is not { } symbol)
            return null;
        var text = new StringBuilder(symbol.ToDisplayString(Shown));
        var overloads = symbol is IMethodSymbol method ? method.ContainingType?.GetMembers(method.Name).OfType<IMethodSymbol>().Count(m => m.DeclaredAccessibility == Accessibility.Public) ?? 1 : 1;
        if (overloads > 1)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $" (+ {overloads - 1} more)");
        if (SymbolDocumentation.Of(symbol, compilation) is { Length: > 0 } documentation)
            text.Append("\n\n").Append(documentation);
        return text.ToString();
    }

    /// <summary>Whether <paramref name="cell"/> is a whole.</summary>
    public Completeness Judge(string cell)
    {
        var options = CSharpParseOptions.Default.WithKind(SourceCodeKind.Script).WithLanguageVersion(LanguageVersion.Latest);
        var tree = CSharpSyntaxTree.ParseText(Submission.OnlyCSharp(cell), options);
        if (!SyntaxFactory.IsCompleteSubmission(tree))
            return Completeness.Incomplete;
        return tree.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error) ? Completeness.Invalid : Completeness.Complete;
    }

    // F# Interactive answers the last name of a dotted one.
    private Completion CompleteFSharp(string cell, int start, int position)
    {
        var from = start;
        while (from > 0 && (cell[from - 1] == '.' || SyntaxFacts.IsIdentifierPartCharacter(cell[from - 1])))
            from--;
        var items = from == position ? [] : engine.CompleteFSharp(cell[from..position]);
        return new Completion(start, position, [.. items.Where(i => i.StartsWith(cell[start..position], StringComparison.OrdinalIgnoreCase)).Order(StringComparer.OrdinalIgnoreCase).Select(i => (i, "name"))]);
    }

    private static (int Start, string Text)? MagicAt(string cell, int position)
    {
        var line = position == 0 ? 0 : cell.LastIndexOf('\n', position - 1) + 1;
        var text = cell[line..position];
        return text.StartsWith("#!", StringComparison.Ordinal) && !text.Contains(' ', StringComparison.Ordinal) ? (line, text) : null;
    }

    private static bool IsText(SyntaxNode root, int position)
    {
        if (position == 0)
            return false;
        var trivia = root.FindTrivia(position - 1);
        if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
            return true;
        var token = root.FindToken(position - 1);
        return token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
            && token.SpanStart < position && (position < token.Span.End || token.IsKind(SyntaxKind.InterpolatedStringTextToken) || token.GetDiagnostics().Any());
    }

    private static IEnumerable<ISymbol> Members(SemanticModel model, SyntaxToken dot, int position)
    {
        SyntaxNode? owner = dot.Parent switch
        {
            MemberAccessExpressionSyntax access => access.Expression,
            MemberBindingExpressionSyntax binding => binding.Ancestors().OfType<ConditionalAccessExpressionSyntax>().FirstOrDefault()?.Expression,
            QualifiedNameSyntax name => name.Left,
            _ => null,
        };
        if (owner is null)
            return [];
        if (model.GetSymbolInfo(owner).Symbol is INamespaceOrTypeSymbol container)
            return model.LookupSymbols(position, container).Where(s => s is INamespaceOrTypeSymbol || s.IsStatic || s is IFieldSymbol { IsConst: true });
        var type = model.GetTypeInfo(owner).Type;
        return type is null or IErrorTypeSymbol ? [] : model.LookupSymbols(position, type, includeReducedExtensionMethods: true).Where(s => !s.IsStatic || s is IMethodSymbol { ReducedFrom: not null });
    }

    private static ISymbol? SymbolAt(SemanticModel model, SyntaxNode root, int position)
    {
        var at = root.FindToken(Math.Min(position, root.FullSpan.End));
        var before = position > 0 ? root.FindToken(position - 1) : at;
        foreach (var token in new[] { at, before })
        {
            if (token.IsKind(SyntaxKind.IdentifierToken) || token.Parent is PredefinedTypeSyntax)
            {
                if (token.Parent is { } node && Meaning(model, node) is { } symbol)
                    return symbol;
            }
        }

        // Within the brackets of a call: the call itself is what one wants to read of.
        return before.Parent?.AncestorsAndSelf().OfType<ArgumentListSyntax>().FirstOrDefault()?.Parent is { } call ? Meaning(model, call) : null;
    }

    private static ISymbol? Meaning(SemanticModel model, SyntaxNode node)
    {
        var info = model.GetSymbolInfo(node);
        return info.Symbol ?? (info.CandidateSymbols.Length > 0 ? info.CandidateSymbols[0] : model.GetDeclaredSymbol(node));
    }

    private static string KindOf(ISymbol symbol) => symbol switch
    {
        INamespaceSymbol => "namespace",
        INamedTypeSymbol type => type.TypeKind.ToString().ToLowerInvariant(),
        IMethodSymbol => "function",
        IPropertySymbol => "property",
        IFieldSymbol or ILocalSymbol or IParameterSymbol => "variable",
        IEventSymbol => "event",
        _ => symbol.Kind.ToString().ToLowerInvariant(),
    };
}
