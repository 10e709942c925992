using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace LipSol.Kernel.Engine;

/// <summary>Turns what went wrong in a cell into what its author can use: the cell's own lines, nothing of the kernel's.</summary>
internal static partial class ErrorReport
{
    public static CellError Of(Exception exception)
    {
        var shown = exception is TargetInvocationException or AggregateException { InnerExceptions.Count: 1 } ? exception.InnerException ?? exception : exception;
        if (shown is CellRefusedException refused)
            return CellError.Plain(refused.Name, refused.Message);
        var lines = new List<string>();
        var depth = 0;
        for (var e = shown; e is not null && depth < 8; e = e.InnerException, depth++)
        {
            lines.Add($"{(depth == 0 ? "" : " ---> ")}{e.GetType()}: {e.Message}");
            lines.AddRange(Frames(e));
        }

        return new CellError(shown.GetType().ToString(), shown.Message, lines);
    }

    public static CellError Of(IEnumerable<Diagnostic> errors, string source)
    {
        var cell = source.Split('\n');
        var lines = new List<string>();
        string? first = null;
        foreach (var error in errors.OrderBy(d => d.Location.SourceSpan.Start).Take(20))
        {
            var at = error.Location.GetLineSpan().StartLinePosition;
            var text = $"({at.Line + 1},{at.Character + 1}): error {error.Id}: {error.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";
            first ??= text;
            lines.Add(text);
            if (error.Location.IsInSource && at.Line < cell.Length)
            {
                lines.Add("    " + cell[at.Line]);
                lines.Add("    " + new string(' ', at.Character) + "^");
            }
        }

        return new CellError("CompilationError", first ?? "The cell doesn't compile.", lines);
    }

    private static IEnumerable<string> Frames(Exception exception)
    {
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetMethod() is not { } method || method.DeclaringType is not { } type || IsPlumbing(type))
                continue;
            var line = frame.GetFileLineNumber();
            if (SubmissionType().IsMatch(type.FullName ?? ""))
            {
                var name = NameInCell(type, method);
                yield return $"   at {(name.Length > 0 ? name + " in " : "")}{Path.GetFileName(frame.GetFileName()) ?? "cell"}{(line > 0 ? $", line {line}" : "")}";
            }
            else
            {
                yield return $"   at {type}.{method.Name}({string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name))})";
            }
        }
    }

    private static bool IsPlumbing(Type type) =>
        type.Assembly == typeof(ErrorReport).Assembly
        || type.Assembly.GetName().Name is "Microsoft.CodeAnalysis.Scripting" or "Microsoft.CodeAnalysis" or "Microsoft.CodeAnalysis.CSharp" or "FSharp.Compiler.Service"
        || type.Namespace is "System.Runtime.CompilerServices" or "System.Runtime.ExceptionServices" or "System.Threading" or "System.Threading.Tasks" or "System.Reflection"
        || type == typeof(RuntimeMethodHandle);

    // Names that the compilers make. F#: top-level code is <StartupCode$FSI_0004>.$FSI_0004.main@, a closure FSI_0004+words@5.Invoke.
    // C#: top-level code is <<Initialize>>d__0.MoveNext, an async method <Load>d__3.MoveNext, a lambda <>c.<<Initialize>>b__0.
    private static string NameInCell(Type type, MethodBase method)
    {
        var generated = GeneratedName().Match(method.Name == "MoveNext" ? type.Name : method.Name);
        if (generated.Success)
            return generated.Groups["name"].Value is var name && name is "<Initialize>" or "" ? "" : name + "()";
        var owner = SubmissionType().Replace(type.FullName ?? "", "").TrimStart('+', '.').Replace('+', '.');
        if (method.Name == "main@")
            return "";
        if (owner.IndexOf('@', StringComparison.Ordinal) is > 0 and var at)
            return owner[..at];
        return $"{(owner.Length > 0 ? owner + "." : "")}{method.Name}({string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name))})";
    }

    [GeneratedRegex(@"^(Submission#\d+|(<StartupCode\$FSI_\d+>\.\$)?FSI_\d+)")]
    private static partial Regex SubmissionType();

    [GeneratedRegex(@"^<(?<name><Initialize>|[^<>]*)>")]
    private static partial Regex GeneratedName();
}
