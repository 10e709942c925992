using System.Net;
using LipSol.Kernel.Engine;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;

namespace LipSol.Kernel.Magics;

/// <summary><c>#!who</c> and <c>#!whos</c>: the variables there are: of F# in F# cells, else of C#.</summary>
internal static class VariableTable
{
    private const int Shown = 200;

    public static Task<CellError?> NamesAsync(MagicLine line, MagicCall call)
    {
        line.Allow();
        call.Context.DisplayAs(string.Join(", ", call.Variables(call.Language).Select(v => v.Name)), "text/plain");
        return Task.FromResult<CellError?>(null);
    }

    public static Task<CellError?> TableAsync(MagicLine line, MagicCall call)
    {
        line.Allow();
        var rows = call.Variables(call.Language).Select(v => $"<tr><td>{Cell(v.Name)}</td><td>{Cell(v.Type.ToDisplayString("text/plain"))}</td><td dir=\"auto\">{Cell(Short(v.Value))}</td></tr>");
        call.Context.DisplayAs($"<table><thead><tr><th>Variable</th><th>Type</th><th>Value</th></tr></thead><tbody>{string.Concat(rows)}</tbody></table>", "text/html");
        return Task.FromResult<CellError?>(null);
    }

    private static string Cell(string text) => WebUtility.HtmlEncode(text);

    private static string Short(object? value)
    {
        string text;
        try
        {
            text = value.ToDisplayString("text/plain");
        }
        catch (Exception e)
        {
            text = $"({e.GetType().Name}: {e.Message})";
        }

        return text.Length <= Shown ? text : text[..Shown] + "…";
    }
}
