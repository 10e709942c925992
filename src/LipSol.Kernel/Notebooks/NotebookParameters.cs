using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LipSol.Kernel.Notebooks;

/// <summary>A parameter of a notebook: declared with its default in the cell tagged <c>parameters</c>.</summary>
public sealed record NotebookParameter(string Name, string Type, string Default)
{
    /// <summary>Whether its value is kept out of what is written: tokens and passwords.</summary>
    public bool IsSecret => Name.Contains("token", StringComparison.OrdinalIgnoreCase)
        || Name.Contains("password", StringComparison.OrdinalIgnoreCase)
        || Name.Contains("secret", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Reads a notebook's parameters and writes the cell that sets them.</summary>
public static class NotebookParameters
{
    /// <summary>The tag of the cell with the defaults.</summary>
    public const string Tag = "parameters";

    /// <summary>The tag of the cell that a run puts after it.</summary>
    public const string InjectedTag = "injected-parameters";

    /// <summary>The parameters that <paramref name="notebook"/> declares; none where no cell is tagged.</summary>
    public static IReadOnlyList<NotebookParameter> Of(NotebookFile notebook) =>
        notebook.Cells.FirstOrDefault(c => c.IsCode && c.Tags.Contains(Tag)) is { } cell ? [.. Declared(cell.Source)] : [];

    /// <summary>Checks that <paramref name="notebook"/> can be given <paramref name="values"/>.</summary>
    /// <exception cref="NotebookParameterException">A name the notebook doesn't have, or a value that isn't of the parameter's type.</exception>
    public static void Require(NotebookFile notebook, IReadOnlyDictionary<string, string> values) => Inject(notebook, values);

    /// <summary>
    /// Two texts of the injected cell for <paramref name="values"/>: one to run, one to keep (secrets left out). Null where there is nothing to inject.
    /// </summary>
    /// <exception cref="NotebookParameterException">A name the notebook doesn't have, or a value that isn't of the parameter's type.</exception>
    internal static (string ToRun, string ToKeep)? Inject(NotebookFile notebook, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count == 0)
            return null;
        var declared = Of(notebook).ToDictionary(p => p.Name, StringComparer.Ordinal);
        if (declared.Count == 0)
            throw new NotebookParameterException($"This notebook has no parameters (no cell is tagged '{Tag}' with values of simple types), so {values.Keys.First()} can't be set.");
        List<string> run = ["// Parameters of this run"], keep = ["// Parameters of this run"];
        foreach (var (name, value) in values)
        {
            if (!declared.TryGetValue(name, out var parameter))
                throw new NotebookParameterException($"This notebook has no parameter {name}. It has: {string.Join(", ", declared.Keys)}.");
            run.Add($"{name} = {Literal(parameter, value)};");
            keep.Add(parameter.IsSecret ? $"// {name} was given and isn't recorded" : run[^1]);
        }

        return (string.Join('\n', run), string.Join('\n', keep));
    }

    private static IEnumerable<NotebookParameter> Declared(string source)
    {
        var options = CSharpParseOptions.Default.WithKind(SourceCodeKind.Script).WithLanguageVersion(LanguageVersion.Latest);
        var root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(source, options).GetRoot();
        foreach (var declaration in root.Members.OfType<FieldDeclarationSyntax>().Select(f => f.Declaration))
        {
            foreach (var variable in declaration.Variables)
            {
                if (variable.Initializer is { Value: var value } && TypeOf(declaration.Type.ToString(), value) is { } type)
                    yield return new NotebookParameter(variable.Identifier.Text, type, value.ToString());
            }
        }
    }

    private static string? TypeOf(string written, ExpressionSyntax value)
    {
        var type = written.TrimEnd('?') switch { "String" => "string", "Int32" => "int", "Int64" => "long", "Double" => "double", "Boolean" => "bool", var t => t };
        if (type is "string" or "int" or "long" or "double" or "float" or "decimal" or "bool")
            return type;
        if (type != "var")
            return null;
        var literal = value is PrefixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax operand } ? operand : value as LiteralExpressionSyntax;
        return literal?.Token.Value switch
        {
            string => "string",
            int => "int",
            long => "long",
            double => "double",
            float => "float",
            decimal => "decimal",
            bool => "bool",
            _ => value is InterpolatedStringExpressionSyntax ? "string" : null,
        };
    }

    private static string Literal(NotebookParameter parameter, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        const NumberStyles Number = NumberStyles.Float;
        return parameter.Type switch
        {
            "string" => SymbolDisplay.FormatLiteral(text, quote: true),
            "bool" when bool.TryParse(text, out var value) => value ? "true" : "false",
            "int" when int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var value) => value.ToString(culture),
            "long" when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var value) => value.ToString(culture) + "L",
            "double" when double.TryParse(text, Number, culture, out var value) && double.IsFinite(value) => value.ToString("R", culture) + "d",
            "float" when float.TryParse(text, Number, culture, out var value) && float.IsFinite(value) => value.ToString("R", culture) + "f",
            "decimal" when decimal.TryParse(text, Number, culture, out var value) => value.ToString(culture) + "m",
            _ => throw new NotebookParameterException($"The parameter {parameter.Name} is {Describe(parameter.Type)} (its default is {parameter.Default}), and '{text}' isn't."),
        };
    }

    private static string Describe(string type) => type switch
    {
        "bool" => "true or false",
        "int" or "long" => "a whole number",
        _ => "a number",
    };
}
