using LipSol.Kernel.Engine;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.DotNet.Interactive.Formatting;

namespace LipSol.Kernel.Magics;

/// <summary><c>#!model</c>: the lines below are a network, which goes to the node; what is wrong with it comes back with the cell's lines. The kernel knows neither node nor network: it calls what the notebook's package brings.</summary>
internal static class ModelCells
{
    private const string Package = "LipSol.Notebooks", ClientType = "LipSol.Client.LipSolClient";

    /// <param name="line">The magic, with its options.</param>
    /// <param name="code">The lines below.</param>
    /// <param name="firstLine">How many lines stand before them.</param>
    /// <param name="source">The cell, for what errors show of it.</param>
    /// <param name="count">The number of the result.</param>
    /// <param name="call">The cell and the kernel's values.</param>
    /// <param name="run">Runs C# of the kernel's own.</param>
    public static async Task<CellError?> RunAsync(MagicLine line, string code, int firstLine, string source, int count, MagicCall call, Func<string, Task<CellError?>> run)
    {
        line.Allow("name", "corpus", "client", "set", "as");
        var name = Text(line, call, line.Option("name") ?? throw line.Refused("say what the network is called: --name NAME."));
        var corpus = Text(line, call, line.Option("corpus") ?? "@csharp:corpus");
        var client = line.Option("client") ?? "client";
        if (string.IsNullOrWhiteSpace(code))
            throw line.Refused("there is no network below it: write a public class that derives from WordNetwork or SentenceNetwork.");
        if (call.Variables(PartLanguage.CSharp).FirstOrDefault(v => v.Name == client)?.Value?.GetType().FullName != ClientType)
            throw line.Refused($"there is no LipSolClient {client}. Connect in an earlier cell (var client = await LipSolClient.ConnectAsync();), or name the variable: --client NAME.");
        if (!AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == Package))
            throw line.Refused($"it takes the package {Package}: #r \"nuget: {Package}\" in an earlier cell.");
        if (line.Option("as") is { } variable && !SyntaxFacts.IsValidIdentifier(variable))
            throw line.Refused($"{variable} can't be the name of a C# variable.");

        var answer = SharedObjects.Keep(null);
        string Taken(string text) => $"global::LipSol.Kernel.Engine.SharedObjects.Take<string>(\"{SharedObjects.Keep(text)}\")";
        var failed = await run($"global::LipSol.Kernel.Engine.SharedObjects.Give(\"{answer}\", await global::LipSol.Notebooks.ModelCell.SendAsync((global::{ClientType}){client}, "
            + $"{Taken(name)}, {Taken(corpus)}, {Taken(Text(line, call, line.Option("set") ?? ""))}, {Taken(code)}, global::Microsoft.DotNet.Interactive.KernelInvocationContext.Current.CancellationToken));");
        if (failed is not null)
            return failed;
        var (faults, network) = SharedObjects.Take<(IReadOnlyList<(int Line, int Column, string Text)>, object?)>(answer);
        if (faults.Count > 0)
            return Report([.. faults.Select(f => f.Line > 0 ? (f.Line + firstLine, Math.Max(1, f.Column), f.Text) : (line.Line, 1, f.Text))], source);
        call.Context.Publish(new ResultOutput(FormattedValue.CreateManyFromObject(network).ToBundle(), count));
        return line.Option("as") is { } name2 ? await call.Declare(name2, network) : null;
    }

    // A value of the notebook goes by @csharp:name, as with #!set.
    private static string Text(MagicLine line, MagicCall call, string word)
    {
        if (!word.StartsWith("@csharp:", StringComparison.OrdinalIgnoreCase))
            return word;
        var variable = word["@csharp:".Length..];
        return call.Variables(PartLanguage.CSharp).FirstOrDefault(v => v.Name == variable)?.Value as string
            ?? throw line.Refused(variable == "corpus" && line.Option("corpus") is null ? "say on whose clips it is to be tried: --corpus NAME, or a text corpus in C#." : $"there is no text {variable} in C#.");
    }

    private static CellError Report(IReadOnlyList<(int Line, int Column, string Text)> faults, string source)
    {
        var cell = source.Split('\n');
        var lines = new List<string>();
        foreach (var (line, column, text) in faults)
        {
            lines.Add($"({line},{column}): {text}");
            if (line > cell.Length)
                continue;
            lines.Add("    " + cell[line - 1]);
            lines.Add("    " + new string(' ', column - 1) + "^");
        }

        return new CellError("CompilationError", lines[0], lines);
    }
}
