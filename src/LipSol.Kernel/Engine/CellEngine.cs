using LipSol.Kernel.Magics;
using LipSol.Kernel.Notebooks;
using LipSol.Kernel.Packages;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Scripting.Hosting;
using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Engine;

/// <summary>
/// Runs cells one after the other, each seeing what those before it declared. It knows nothing of files or wires: a cell is text,
/// what it shows are <see cref="CellOutput"/>s. A cell that fails or is cancelled leaves the state of those before it as it was.
/// </summary>
public sealed class CellEngine : IDisposable
{
    private readonly InteractiveAssemblyLoader _loader = new();
    private readonly PackageAssemblies _assemblies;
    private readonly PackageRestorer _restorer;
    private readonly CSharpState _csharp;
    private readonly FSharpState _fsharp = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Microsoft.DotNet.Interactive.Kernel _kernel = new();
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _versions = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _loadedPackages = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _extended = new(StringComparer.OrdinalIgnoreCase);
    private PackageSet _packages = PackageSet.Empty;
    private bool _knowsFSharp;
    private int _executionCount;
    private KernelInvocationContext? _last;
    private Task _leftBehind = Task.CompletedTask;

    /// <summary>An engine with no state, which keeps restored packages in <paramref name="packageCache"/> (the user's cache folder where null).</summary>
    public CellEngine(string? packageCache = null)
    {
        _assemblies = new PackageAssemblies(_loader);
        _restorer = new PackageRestorer(packageCache ?? PackageRestorer.DefaultCacheFolder);
        _csharp = new CSharpState(_loader);
        ConsoleRouter.Install();
        NotebookOrigin.Publish();
    }

    /// <summary>Where relative paths in <c>#r</c>, <c>#i</c> and <c>#!import</c> start; the process's folder where null.</summary>
    public string? BaseFolder { get; set; }

    /// <summary>How long a cancelled cell has for leaving before it is left behind.</summary>
    internal TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The notebook whose cells run; null where it isn't known.</summary>
    internal NotebookOrigin? Notebook { get; set; }

    /// <summary>How many cells ran.</summary>
    public int ExecutionCount => _executionCount;

    /// <summary>
    /// Runs <paramref name="source"/>. Outputs arrive on <paramref name="output"/> one at a time, in order; those of background tasks also after the
    /// cell has ended. When <paramref name="cancellation"/> fires, the cell's own token fires; a cell that goes on is ended within half a second, whatever it
    /// loops over, sleeps or waits for. Only native code can't be, nor a library's that doesn't come back to the cell: what is still in it after two seconds is left behind, and until it ends the engine refuses further cells.
    /// </summary>
    /// <param name="source">The cell as written, magics included.</param>
    /// <param name="output">Receives what the cell shows.</param>
    /// <param name="language">What the cell is written in where it doesn't begin with a magic; C# where null.</param>
    /// <param name="input">Asks the person for what the cell wants to read; null where there is nobody.</param>
    /// <param name="cancellation">Interrupts the cell.</param>
    public async Task<CellResult> ExecuteAsync(string source, Action<CellOutput> output, string? language = null, CellInput? input = null, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!_leftBehind.IsCompleted)
                throw new InvalidOperationException("An earlier cell didn't end when it was cancelled: it is in a library that doesn't come back to it. Wait for it, or restart.");
            _last?.Settle();
            var count = ++_executionCount;
            var gate = new Lock();
            var context = new KernelInvocationContext(_kernel, Ordered, input, cancellation) { Origin = () => NotebookOrigin.Tell(Notebook, count, source, name => _csharp.Variables.FirstOrDefault(v => v.Name == name)?.Value, new Dictionary<string, string>(_versions)) };
            _last = context;
            var cell = new RunningCell(source, $"cell {count}", count, context, cancellation);
            var run = Task.Run(() => RunAsync(cell, language), CancellationToken.None);
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

    /// <summary>Runs something small beside the state, so that the first cell finds the compiler warm.</summary>
    public async Task WarmUpAsync()
    {
        await _turn.WaitAsync();
        try
        {
            var nowhere = new KernelInvocationContext(_kernel, _ => { }, input: null, CancellationToken.None);
            await new CSharpState(_loader).RunAsync("var warm = $\"{1 + 1}\"; foreach (var n in new[] { 1 }.Select(n => n)) Console.Write(\"\"); warm", "", "warm-up", 0, nowhere);
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
        _last?.Settle();
        _fsharp.Dispose();
        _assemblies.Dispose();
        _turn.Dispose();
    }

    /// <summary><paramref name="code"/> as the next cell would be understood; nothing runs.</summary>
    internal Compilation Analyse(string code) => _csharp.Analyse(code);

    /// <summary>Names that could go on from <paramref name="text"/> in F#.</summary>
    internal IReadOnlyList<string> CompleteFSharp(string text) => _fsharp.Complete(text);

    private async Task<CellError?> EndAsync(Task<CellError?> run, CancellationToken cancellation)
    {
        try
        {
            return await run.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await Task.WhenAny(run, Task.Delay(Grace, CancellationToken.None));
            _leftBehind = run;
            return Cancelled();
        }
    }

    private static CellError Cancelled() => CellError.Plain("Cancelled", "The cell was cancelled before it ended.");

    private async Task<CellError?> RunAsync(RunningCell cell, string? language)
    {
        KernelInvocationContext.Current = cell.Context;
        try
        {
            return await RunTextAsync(cell, language);
        }
        catch (OperationCanceledException) when (cell.Cancellation.IsCancellationRequested)
        {
            return Cancelled();
        }
        catch (Exception e)
        {
            return ErrorReport.Of(e);
        }
        finally
        {
            cell.AtEnd.ForEach(action => action());
        }
    }

    private async Task<CellError?> RunTextAsync(RunningCell cell, string? language)
    {
        foreach (var part in Submission.Parse(cell.Source, language))
        {
            var error = part switch
            {
                MagicPart magic => await MagicCommands.Find(magic.Line.Name)!.RunAsync(magic.Line, CallOf(magic.Language, cell)),
                CodePart code => await RunCodeAsync(code, cell),
                _ => throw new InvalidOperationException($"A cell has no part of the kind {part}."),
            };
            if (error is not null)
                return error;
        }

        return null;
    }

    private async Task<CellError?> RunCodeAsync(CodePart part, RunningCell cell)
    {
        switch (part.Language)
        {
            case PartLanguage.Html:
                cell.Context.DisplayAs(part.Code, "text/html");
                return null;
            case PartLanguage.Markdown:
                cell.Context.DisplayAs(part.Code, "text/markdown");
                return null;
            case PartLanguage.Mermaid:
                cell.Context.DisplayAs(MermaidDiagram.Html(part.Code), "text/html");
                return null;
            case PartLanguage.JavaScript:
                Microsoft.DotNet.Interactive.Kernel.Javascript(part.Code);
                return null;
            case PartLanguage.Value:
                await SharedVariables.StoreAsync(part.OpenedBy ?? new MagicLine("value", "", 1), part.Code, CallOf(PartLanguage.Value, cell));
                return null;
            case PartLanguage.Model:
                return await ModelCells.RunAsync(part.OpenedBy ?? new MagicLine("model", "", 1), part.Code, part.FirstLine, cell.Source, cell.Count, CallOf(PartLanguage.CSharp, cell),
                    code => _csharp.RunAsync(code, "", cell.Origin, cell.Count, cell.Context));
        }

        if (part.References.Count > 0 && await ReferenceAsync(part.References, cell) is { } failed)
            return failed;
        if (part.IsBlank)
            return null;
        if (part.Language == PartLanguage.FSharp)
        {
            await StartFSharpAsync(cell.Cancellation);
            return await _fsharp.RunAsync(part.CodeAtItsLines, cell.Source, cell.Origin, cell.Count, cell.Context);
        }

        return await _csharp.RunAsync(part.CodeAtItsLines, cell.Source, cell.Origin, cell.Count, cell.Context);
    }

    private MagicCall CallOf(PartLanguage language, RunningCell cell) => new()
    {
        Context = cell.Context,
        Language = language,
        Variables = of => of == PartLanguage.FSharp ? _fsharp.Variables : _csharp.Variables,
        Values = _values,
        Declare = (name, value) => DeclareAsync(language, name, value, cell),
        RunText = (text, origin, textLanguage) => RunTextAsync(cell with { Source = text, Origin = origin }, textLanguage),
        Absolute = Absolute,
        AtEnd = cell.AtEnd.Add,
    };

    private async Task<CellError?> DeclareAsync(PartLanguage language, string name, object? value, RunningCell cell)
    {
        if (language != PartLanguage.FSharp)
            return await _csharp.RunAsync(SharedObjects.Declaration(name, value), "", cell.Origin, cell.Count, cell.Context);
        await StartFSharpAsync(cell.Cancellation);
        _fsharp.Put(name, value);
        return null;
    }

    private async Task StartFSharpAsync(CancellationToken cancellation)
    {
        await _fsharp.StartAsync(cancellation);
        if (_knowsFSharp) return;
        // From now on its values may come over.
        _csharp.AddReferences([FSharpState.CoreLibrary]);
        _knowsFSharp = true;
    }

    private void AddReferences(IReadOnlyList<string> assemblies)
    {
        _csharp.AddReferences(assemblies);
        _fsharp.AddReferences(assemblies);
    }

    private async Task<CellError?> ReferenceAsync(IReadOnlyList<ReferenceDirective> references, RunningCell cell)
    {
        foreach (var file in references.OfType<AssemblyDirective>())
        {
            var path = Absolute(file.Path);
            if (!File.Exists(path))
                throw new CellRefusedException("PackageError", $"Line {file.Line}: there is no file {path}.");
            try
            {
                AddReferences([_assemblies.Load(path)]);
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

        var restored = await _restorer.RestoreAsync(set, cell.Cancellation);
        _packages = set;
        foreach (var package in restored)
            _versions[package.Name] = package.Version;
        // Each counts as loaded once it is: a cell that was stopped meanwhile goes on where it stood when it runs again.
        foreach (var package in restored.Where(p => !_loadedPackages.Contains(p.Name)))
        {
            foreach (var library in package.NativeLibraries)
                _assemblies.AddNative(library);
            AddReferences([.. package.Assemblies.Select(_assemblies.Load)]);
            _loadedPackages.Add(package.Name);
        }

        cell.Context.DisplayAs(InstalledPackages.Html(wanted, restored), "text/html");
        foreach (var package in restored.Where(p => p.ExtensionScript is not null && !_extended.Contains(p.Name)))
        {
            var script = package.ExtensionScript!;
            var file = cell with { Source = await File.ReadAllTextAsync(script, cell.Cancellation), Origin = Path.GetFileName(script) };
            if (await RunTextAsync(file, language: null) is { } error)
                return error with { Message = $"{file.Origin} of a package: {error.Message}" };
            _extended.Add(package.Name);
        }

        return null;
    }

    private string SourceOf(string source) => source.Contains("://", StringComparison.Ordinal) ? source : Absolute(source);

    private string Absolute(string path) => Path.GetFullPath(path, BaseFolder ?? Directory.GetCurrentDirectory());

    /// <param name="Source">Its text.</param>
    /// <param name="Origin">What stack traces call it.</param>
    /// <param name="Count">Its number.</param>
    /// <param name="Context">What its code sees of it.</param>
    /// <param name="Cancellation">Interrupts it.</param>
    private sealed record RunningCell(string Source, string Origin, int Count, KernelInvocationContext Context, CancellationToken Cancellation)
    {
        public List<Action> AtEnd { get; } = [];
    }
}
