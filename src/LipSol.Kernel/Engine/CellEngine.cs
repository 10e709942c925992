using System.Collections.Immutable;
using LipSol.Kernel.Packages;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Runs cells one after the other, each seeing what those before it declared. It knows nothing of files or wires: a cell is text,
/// what it shows are <see cref="CellOutput"/>s. A cell that fails or is cancelled leaves the state of those before it as it was.
/// </summary>
public sealed class CellEngine : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private readonly InteractiveAssemblyLoader _loader = new();
    private readonly PackageAssemblies _assemblies;
    private readonly PackageRestorer _restorer;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Microsoft.DotNet.Interactive.Kernel _kernel = new();
    private readonly HashSet<string> _loadedPackages = new(StringComparer.OrdinalIgnoreCase);
    private PackageSet _packages = PackageSet.Empty;
    private ScriptOptions _options;
    private ScriptState<object>? _state;
    private int _executionCount;
    private bool _abandoned;

    /// <summary>An engine with no state, which keeps restored packages in <paramref name="packageCache"/> (the user's cache folder where null).</summary>
    public CellEngine(string? packageCache = null)
    {
        _assemblies = new PackageAssemblies(_loader);
        _restorer = new PackageRestorer(packageCache ?? PackageRestorer.DefaultCacheFolder);
        _options = ScriptOptions.Default
            .WithLanguageVersion(LanguageVersion.Latest)
            .WithEmitDebugInformation(true)
            .WithFileEncoding(System.Text.Encoding.UTF8)
            .AddImports("System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq",
                "Microsoft.DotNet.Interactive", "Microsoft.DotNet.Interactive.Kernel")
            .AddReferences(typeof(Enumerable).Assembly, typeof(List<>).Assembly, typeof(Task).Assembly, typeof(CellEngine).Assembly,
                typeof(Formatter).Assembly, typeof(Microsoft.AspNetCore.Html.IHtmlContent).Assembly);
        ConsoleRouter.Install();
    }

    /// <summary>Where relative paths in <c>#r</c> and <c>#i</c> start; the process's folder where null.</summary>
    public string? BaseFolder { get; set; }

    /// <summary>
    /// Runs <paramref name="source"/>. Outputs arrive on <paramref name="output"/> one at a time, in order; those of background tasks also after the
    /// cell has ended. When <paramref name="cancellation"/> fires, the cell's own token fires; a cell that still goes on after two seconds is
    /// left behind, and the engine takes no further cells.
    /// </summary>
    /// <param name="source">The cell as written, magics included.</param>
    /// <param name="output">Receives what the cell shows.</param>
    /// <param name="language">What the cell is written in where it doesn't begin with a magic; C# where null.</param>
    /// <param name="cancellation">Interrupts the cell.</param>
    public async Task<CellResult> ExecuteAsync(string source, Action<CellOutput> output, string? language = null, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_abandoned)
                throw new InvalidOperationException("An earlier cell didn't end when it was cancelled; this engine runs no further cells.");
            var count = ++_executionCount;
            var gate = new Lock();
            var context = new KernelInvocationContext(_kernel, Ordered, cancellation);
            var run = Task.Run(() => RunAsync(source, language, count, context, cancellation), CancellationToken.None);
            var error = await EndAsync(run, cancellation);
            if (error is not null)
                Ordered(new ErrorOutput(error));
            return new CellResult(count, error);

            void Ordered(CellOutput item)
            {
                lock (gate)
                    output(item);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ConsoleRouter.Remove();
        _assemblies.Dispose();
        _turn.Dispose();
    }

    private async Task<CellError?> EndAsync(Task<CellError?> run, CancellationToken cancellation)
    {
        try
        {
            return await run.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _abandoned = await Task.WhenAny(run, Task.Delay(Grace, CancellationToken.None)) != run;
            return CellError.Plain("Cancelled", "The cell was cancelled before it ended.");
        }
    }

    private async Task<CellError?> RunAsync(string source, string? language, int count, KernelInvocationContext context, CancellationToken cancellation)
    {
        KernelInvocationContext.Current = context;
        try
        {
            foreach (var part in Submission.Parse(source, language))
            {
                if (await RunPartAsync(part, source, count, context, cancellation) is { } error)
                    return error;
            }

            return null;
        }
        catch (Exception e)
        {
            return ErrorReport.Of(e);
        }
    }

    private async Task<CellError?> RunPartAsync(SubmissionPart part, string source, int count, KernelInvocationContext context, CancellationToken cancellation)
    {
        if (part.Language is PartLanguage.Html or PartLanguage.Markdown)
        {
            context.DisplayAs(part.Code, part.Language == PartLanguage.Html ? "text/html" : "text/markdown");
            return null;
        }

        if (part.References.Count > 0 && await ReferenceAsync(part.References, context, cancellation) is { } failed)
            return failed;
        if (part.IsBlank)
            return null;

        var options = _options.WithFilePath($"cell {count}");
        var script = _state is null
            ? CSharpScript.Create<object>(part.CodeAtItsLines, options, assemblyLoader: _loader)
            : _state.Script.ContinueWith<object>(part.CodeAtItsLines, options);
        var errors = script.Compile(cancellation).Where(d => d.Severity == DiagnosticSeverity.Error).ToImmutableArray();
        if (errors.Length > 0)
            return ErrorReport.Of(errors, source);

        var state = _state is null
            ? await script.RunAsync(globals: null, catchException: _ => true, cancellation)
            : await script.RunFromAsync(_state, catchException: _ => true, cancellation);
        _state = state;
        if (state.Exception is not null)
            return ErrorReport.Of(state.Exception);
        if (EndsInValue(script))
            context.Publish(new ResultOutput(FormattedValue.CreateManyFromObject(state.ReturnValue).ToBundle(), count));
        return null;
    }

    private async Task<CellError?> ReferenceAsync(IReadOnlyList<ReferenceDirective> references, KernelInvocationContext context, CancellationToken cancellation)
    {
        foreach (var file in references.OfType<AssemblyDirective>())
        {
            var path = Absolute(file.Path);
            if (!File.Exists(path))
                throw new CellRefusedException("PackageError", $"Line {file.Line}: there is no file {path}.");
            try
            {
                _options = _options.AddReferences(MetadataReference.CreateFromFile(_assemblies.Load(path)));
            }
            catch (BadImageFormatException)
            {
                throw new CellRefusedException("PackageError", $"Line {file.Line}: {path} isn't a .NET assembly.");
            }
        }

        var wanted = references.OfType<PackageDirective>().ToArray();
        var set = _packages.With(wanted, references.OfType<PackageSourceDirective>().Select(s => SourceOf(s.Source)));
        if (wanted.Length == 0)
        {
            _packages = set;
            return null;
        }

        var restored = await _restorer.RestoreAsync(set, cancellation);
        _packages = set;
        var fresh = restored.Where(p => _loadedPackages.Add(p.Name)).ToArray();
        foreach (var package in fresh)
        {
            foreach (var library in package.NativeLibraries)
                _assemblies.AddNative(library);
            _options = _options.AddReferences(package.Assemblies.Select(path => MetadataReference.CreateFromFile(_assemblies.Load(path))));
        }

        context.DisplayAs(InstalledPackages.Html(wanted, restored), "text/html");
        foreach (var script in fresh.Select(p => p.ExtensionScript).OfType<string>())
        {
            foreach (var part in Submission.Parse(await File.ReadAllTextAsync(script, cancellation)))
            {
                if (await RunPartAsync(part, part.CodeAtItsLines, _executionCount, context, cancellation) is { } error)
                    return error with { Message = $"{Path.GetFileName(script)} of a package: {error.Message}" };
            }
        }

        return null;
    }

    private string SourceOf(string source) => source.Contains("://", StringComparison.Ordinal) ? source : Absolute(source);

    private string Absolute(string path) => Path.GetFullPath(path, BaseFolder ?? Directory.GetCurrentDirectory());

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
