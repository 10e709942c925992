using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;

namespace LipSol.Kernel.Engine;

/// <summary>What the C# of earlier cells declared, and the running of more. Code that fails to compile or is interrupted leaves it as it was.</summary>
internal sealed class CSharpState(InteractiveAssemblyLoader loader)
{
    private ScriptState<object>? _state;
    private ScriptOptions _options = ScriptOptions.Default
        .WithMetadataResolver(new CachedReferences(ScriptOptions.Default.MetadataResolver))
        .WithLanguageVersion(LanguageVersion.Latest)
        .WithEmitDebugInformation(true)
        .WithFileEncoding(System.Text.Encoding.UTF8)
        .AddImports("System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq",
            "Microsoft.DotNet.Interactive", "Microsoft.DotNet.Interactive.Kernel")
        .AddReferences(typeof(Enumerable).Assembly, typeof(List<>).Assembly, typeof(Task).Assembly, typeof(CellEngine).Assembly,
            typeof(Formatter).Assembly, typeof(Microsoft.AspNetCore.Html.IHtmlContent).Assembly);

    /// <summary>The variables, the newest of each name, by name.</summary>
    public IReadOnlyList<KernelVariable> Variables => _state is null
        ? []
        : [.. _state.Variables.GroupBy(v => v.Name, StringComparer.Ordinal).Select(g => g.Last()).OrderBy(v => v.Name, StringComparer.Ordinal).Select(v => new KernelVariable(v.Name, v.Type, v.Value))];

    public void AddReferences(IEnumerable<string> assemblies) =>
        _options = _options.AddReferences(assemblies.Select(path => MetadataReference.CreateFromFile(path)));

    /// <summary><paramref name="code"/> as it would be understood now, without running it.</summary>
    public Compilation Analyse(string code) => Next(code, _options).GetCompilation();

    /// <param name="code">What to run.</param>
    /// <param name="source">The text that the lines of <paramref name="code"/> are those of.</param>
    /// <param name="origin">What stack traces call it.</param>
    /// <param name="count">The number of the result.</param>
    /// <param name="context">The cell, which gets the value of a last expression and whose token interrupts it.</param>
    public async Task<CellError?> RunAsync(string code, string source, string origin, int count, KernelInvocationContext context)
    {
        var cancellation = context.CancellationToken;
        var script = Next(code, _options.WithFilePath(origin));
        var errors = Errors(script.GetCompilation().GetDiagnostics(cancellation));
        if (errors.Length > 0)
            return ErrorReport.Of(errors, source);

        var hasValue = EndsInValue(script);
        script = Interruptible(script, cancellation);
        if (Errors(script.Compile(cancellation)) is { Length: > 0 } late)
            return ErrorReport.Of(late, source);

        return await InterruptibleContext.RunAsync<CellError?>(async () =>
        {
            var state = _state is null
                ? await script.RunAsync(globals: null, catchException: _ => true, cancellation)
                : await script.RunFromAsync(_state, catchException: _ => true, cancellation);
            // Told as cancelled, it leaves no declaration behind either.
            cancellation.ThrowIfCancellationRequested();
            _state = state;
            if (state.Exception is not null)
                return ErrorReport.Of(state.Exception);
            if (hasValue)
                context.Publish(new ResultOutput(FormattedValue.CreateManyFromObject(state.ReturnValue).ToBundle(), count));
            return null;
        }, context);
    }

    // With points in functions' values too, else in statements only, else as it is: what a point doesn't let compile is run without.
    private Script<object> Interruptible(Script<object> script, CancellationToken cancellation)
    {
        foreach (var values in new[] { true, false })
        {
            if (CSharpCancellationPoints.PutInto(script.GetCompilation(), values) is { } text && Next(text, script.Options) is var changed && Errors(changed.Compile(cancellation)).IsEmpty)
                return changed;
        }

        return script;
    }

    private static ImmutableArray<Diagnostic> Errors(ImmutableArray<Diagnostic> diagnostics) => [.. diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error)];

    private Script<object> Next(string code, ScriptOptions options) =>
        _state is null ? CSharpScript.Create<object>(code, options, assemblyLoader: loader) : _state.Script.ContinueWith<object>(code, options);

    // A last expression without a semicolon is the cell's value, unless it has none (a call of a void method).
    private static bool EndsInValue(Script script)
    {
        var compilation = script.GetCompilation();
        var tree = compilation.SyntaxTrees.First();
        if (((CompilationUnitSyntax)tree.GetRoot()).Members.LastOrDefault() is not GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last })
            return false;
        var type = compilation.GetSemanticModel(tree).GetTypeInfo(last.Expression).Type;
        return type is null || type.SpecialType != SpecialType.System_Void;
    }
}
