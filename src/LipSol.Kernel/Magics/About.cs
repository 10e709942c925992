using System.Net;
using System.Runtime.InteropServices;
using LipSol.Kernel.Engine;
using Microsoft.DotNet.Interactive;

namespace LipSol.Kernel.Magics;

/// <summary><c>#!about</c>.</summary>
internal static class About
{
    public static string Version => typeof(About).Assembly.GetName().Version!.ToString(3);

    public static Task<CellError?> RunAsync(MagicLine line, MagicCall call)
    {
        line.Allow();
        (string Name, string Value)[] facts =
        [
            ("Kernel", $"LipSol {Version}"),
            ("Language", "C# " + Microsoft.CodeAnalysis.CSharp.LanguageVersionFacts.ToDisplayString(Microsoft.CodeAnalysis.CSharp.LanguageVersionFacts.MapSpecifiedToEffectiveVersion(Microsoft.CodeAnalysis.CSharp.LanguageVersion.Latest))),
            ("Runtime", RuntimeInformation.FrameworkDescription),
            ("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"),
            ("Process", $"{Environment.ProcessId}, since {System.Diagnostics.Process.GetCurrentProcess().StartTime:yyyy-MM-dd HH:mm:ss}"),
        ];
        var rows = facts.Select(f => $"<tr><th style=\"text-align:left\">{f.Name}</th><td style=\"text-align:left\">{WebUtility.HtmlEncode(f.Value)}</td></tr>");
        call.Context.DisplayAs($"<table>{string.Concat(rows)}</table>", "text/html");
        return Task.FromResult<CellError?>(null);
    }
}

/// <summary><c>#!lsmagic</c>.</summary>
internal static class MagicList
{
    public static Task<CellError?> RunAsync(MagicLine line, MagicCall call)
    {
        line.Allow();
        var languages = Submission.KnownMagics.Where(m => MagicCommands.Find(m[2..]) is null);
        var rows = MagicCommands.All.Select(m => $"<tr><td style=\"text-align:left\"><code>{WebUtility.HtmlEncode(m.Usage)}</code></td><td style=\"text-align:left\">{WebUtility.HtmlEncode(m.Summary)}</td></tr>");
        call.Context.DisplayAs($"<table>{string.Concat(rows)}</table><p>What the lines below are written in: {string.Join(", ", languages.Select(l => $"<code>{WebUtility.HtmlEncode(l)}</code>"))}</p>", "text/html");
        return Task.FromResult<CellError?>(null);
    }
}
