using FSharp.Compiler.Diagnostics;
using FSharp.Compiler.Interactive;
using FSharp.Compiler.Syntax;
using FSharp.Compiler.Tokenization;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.FSharp.Core;

namespace LipSol.Kernel.Engine;

/// <summary>
/// What the F# of earlier cells declared, and the running of more: F# Interactive in this process. It starts with the first cell that asks for it, so that notebooks without F#
/// pay nothing. Values go between it and C# as they are.
/// </summary>
internal sealed class FSharpState : IDisposable
{
    // The first word is the program's name, which F# Interactive expects and doesn't use. Without the SDK's reference assemblies no SDK is looked for, and types are those that run;
    // without optimising, as C# cells are, no function is put in its caller's place and errors have its lines.
    private static readonly string[] Arguments =
        ["fsi", "--noninteractive", "--nologo", "--quiet", "--gui-", "--langversion:latest", "--targetprofile:netcore", "--usesdkrefs-", "--multiemit+", "--debug+", "--optimize-", "--define:LIPSOL"];

    private readonly HashSet<string> _references = new(StringComparer.Ordinal)
    {
        typeof(KernelInvocationContext).Assembly.Location, typeof(Formatter).Assembly.Location, typeof(Microsoft.AspNetCore.Html.IHtmlContent).Assembly.Location,
    };

    // Of those, what the session has been told.
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private Task<Shell.FsiEvaluationSession>? _starting;

    private Shell.FsiEvaluationSession? Session => _starting is { IsCompletedSuccessfully: true } started ? started.Result : null;

    /// <summary>What C# needs to name F#'s own types.</summary>
    public static string CoreLibrary => typeof(FSharpOption<>).Assembly.Location;

    /// <summary>Whether a cell has asked for it.</summary>
    public bool IsStarted => Session is not null;

    /// <summary>The values, the newest of each name, by name.</summary>
    public IReadOnlyList<KernelVariable> Variables => Session is not { } session
        ? []
        : [.. session.GetBoundValues().Where(v => v.Name != "it").Select(v => new KernelVariable(v.Name, v.Value.ReflectionType, v.Value.ReflectionValue)).OrderBy(v => v.Name, StringComparer.Ordinal)];

    /// <summary>Starts it, which takes seconds, unless it runs. Whoever stops waiting lets it start all the same, for the next cell that asks.</summary>
    /// <exception cref="CellRefusedException">It can't be started, or not be told of a reference.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_starting is null or { IsFaulted: true }) _starting = Task.Run(NewSession, CancellationToken.None);
        Tell(await _starting.WaitAsync(cancellation));
    }

    /// <summary>Lets cells to come see <paramref name="assemblies"/>.</summary>
    public void AddReferences(IEnumerable<string> assemblies)
    {
        foreach (var assembly in assemblies) _references.Add(assembly);
        if (Session is { } session) Tell(session);
    }

    /// <inheritdoc cref="CSharpState.RunAsync"/>
    public async Task<CellError?> RunAsync(string code, string source, string origin, int count, KernelInvocationContext context)
    {
        await StartAsync(context.CancellationToken);
        var session = Session!;
        var interruptible = FSharpCancellationPoints.PutInto(code, origin, session);
        return await InterruptibleContext.RunAsync(() => Task.FromResult(Run()), context);

        CellError? Run()
        {
            var (outcome, diagnostics) = session.EvalInteractionNonThrowing(interruptible, origin, FSharpOption<CancellationToken>.None);
            if (Errors(diagnostics) is { Length: > 0 } errors)
                return Report(errors, source);
            if (outcome is FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice2Of2 failed)
                return ErrorReport.Of(failed.Item);
            if (outcome is FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice1Of2 { Item.Value: { } value } && value.ReflectionType != typeof(Unit))
                context.Publish(new ResultOutput(FormattedValue.CreateManyFromObject(value.ReflectionValue).ToBundle(), count));
            return null;
        }
    }

    /// <summary>Declares <paramref name="name"/> in F# that has started: it holds this very object. F# sees it as the nearest type that it can name.</summary>
    /// <exception cref="CellRefusedException">F# has no such names.</exception>
    public void Put(string name, object? value)
    {
        if (!PrettyNaming.IsIdentifierName(name) || FSharpKeywords.NormalizeIdentifierBackticks(name) != name)
            throw new CellRefusedException("MagicError", $"{name} can't be the name of an F# value.");
        var session = Session ?? throw new InvalidOperationException("F# hasn't started.");
        if (value is not null && value.GetType().IsVisible && TryBind(session, name, value))
            return;
        var type = SharedObjects.FSharpName(value) ?? "obj";
        Evaluate(session, $"let {name} : {type} = global.LipSol.Kernel.Engine.SharedObjects.Take<{type}>(\"{SharedObjects.Keep(value)}\")");
    }

    /// <summary>Names that could go on from <paramref name="text"/>, which ends in a name or a dot; none before the first F# cell.</summary>
    public IReadOnlyList<string> Complete(string text) => Session is not { } session ? [] : [.. session.GetCompletions(text).Distinct(StringComparer.Ordinal)];

    public void Dispose() => (Session as IDisposable)?.Dispose();

    // Each once: one that F# can't read fails the cell that asked for it, and no other.
    private void Tell(Shell.FsiEvaluationSession session)
    {
        CellRefusedException? refused = null;
        foreach (var fresh in _references.Where(_told.Add).ToArray())
        {
            try
            {
                Evaluate(session, References([fresh]));
            }
            catch (CellRefusedException e)
            {
                refused ??= e;
            }
        }

        if (refused is not null) throw refused;
    }

    internal static Shell.FsiEvaluationSession NewSession()
    {
        var session = Shell.FsiEvaluationSession.Create(Shell.FsiEvaluationSession.GetDefaultConfiguration(), Arguments, TextReader.Null, TextWriter.Null, TextWriter.Null,
            FSharpOption<bool>.None, null);
        Evaluate(session, References([typeof(KernelInvocationContext).Assembly.Location, typeof(Formatter).Assembly.Location]));
        // It is compiled here, and with it most of the compiler: an interrupt of the first cell then meets the cell's code.
        Evaluate(session, "open System\nopen System.Threading.Tasks\nopen Microsoft.DotNet.Interactive\nopen Microsoft.DotNet.Interactive.Formatting\nopen type Microsoft.DotNet.Interactive.Kernel\nignore (1 + 1)");
        return session;
    }

    // A type that a C# cell declares lies in no file, and F# can't import it.
    private static bool TryBind(Shell.FsiEvaluationSession session, string name, object value)
    {
        try
        {
            session.AddBoundValue(name, value);
            return true;
        }
        catch (Exception e) when (e is not ThreadInterruptedException)
        {
            return false;
        }
    }

    private static string References(IEnumerable<string> paths) => string.Join('\n', paths.Select(path => $"#r @\"{path}\""));

    private static void Evaluate(Shell.FsiEvaluationSession session, string code)
    {
        var (outcome, diagnostics) = session.EvalInteractionNonThrowing(code, FSharpOption<CancellationToken>.None);
        if (Errors(diagnostics) is { Length: > 0 } errors)
            throw new CellRefusedException("PackageError", $"F#: {errors[0].Message}");
        if (outcome is FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice2Of2 failed)
            throw new CellRefusedException("PackageError", $"F#: {failed.Item.Message}");
    }

    private static FSharpDiagnostic[] Errors(IEnumerable<FSharpDiagnostic> diagnostics) => [.. diagnostics.Where(d => d.Severity.IsError)];

    private static CellError Report(FSharpDiagnostic[] errors, string source)
    {
        var cell = source.Split('\n');
        var lines = new List<string>();
        foreach (var error in errors.OrderBy(e => e.StartLine).ThenBy(e => e.StartColumn).Take(20))
        {
            lines.Add($"({error.StartLine},{error.StartColumn + 1}): error FS{error.ErrorNumber:0000}: {error.Message}");
            if (error.StartLine >= 1 && error.StartLine <= cell.Length)
            {
                lines.Add("    " + cell[error.StartLine - 1]);
                lines.Add("    " + new string(' ', error.StartColumn) + "^");
            }
        }

        return new CellError("CompilationError", lines[0], lines);
    }
}
