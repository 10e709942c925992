using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace LipSol.Repository.Tests;

/// <summary>Every `lipsol …` line of the documents, against what the command line says of itself.</summary>
public sealed partial class CommandTests
{
    private static readonly ConcurrentDictionary<string, Task<string>> Helps = new();

    [Fact]
    public async Task Every_command_and_option_in_the_documents_exists()
    {
        var wrong = new List<string>();
        var lines = 0;
        foreach (var document in RepositoryFiles.EndingIn(".md").Concat(["build/smoke/smoke", ".ci/run"]))
        {
            foreach (Match mention in Mention().Matches(RepositoryFiles.Read(document)))
            {
                lines++;
                if (await ProblemAsync(mention.Groups["arguments"].Value) is { } problem) wrong.Add($"{document}: {mention.Value.Trim()}: {problem}");
            }
        }
        Assert.True(lines > 10, $"only {lines} commands were found: the test reads nothing");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<string?> ProblemAsync(string arguments)
    {
        var words = Word().Matches(arguments).Select(m => m.Value).TakeWhile(w => w is not ("|" or "&&" or "||" or ";" or ">" or "#" or "-->") && !w.StartsWith('#')).ToArray();
        var path = "";
        // The launcher runs the tests itself: the command line isn't built yet then.
        var help = words is ["test", ..] ? LauncherUsage() : await HelpAsync(path);
        var options = words.Where(w => w.StartsWith("--", StringComparison.Ordinal)).Select(w => w.Split('=')[0]);
        foreach (var word in words.TakeWhile(w => !w.StartsWith('-')))
        {
            var commands = CommandsOf(help);
            if (commands.Count == 0) break;
            if (!commands.Contains(word)) return path.Length == 0 || TakesNoArgument(help) ? $"there is no command {word}" : null;
            path = $"{path} {word}".Trim();
            help = await HelpAsync(path);
        }
        var unknown = options.FirstOrDefault(o => !Regex.IsMatch(help, $@"(^|[\s,]){Regex.Escape(o)}\b"));
        return unknown is null ? null : $"there is no option {unknown}";
    }

    private static string LauncherUsage() => RepositoryFiles.Read("lipsol").Split('\n').Single(l => l.Contains("usage: lipsol test", StringComparison.Ordinal));

    private static bool TakesNoArgument(string help) => !help.Contains("Arguments:", StringComparison.Ordinal);

    private static List<string> CommandsOf(string help)
    {
        var section = help.Split("Commands:\n", 2);
        return section.Length < 2 ? [] : [.. section[1].Split('\n').TakeWhile(l => l.StartsWith("  ", StringComparison.Ordinal)).Select(l => l.Trim().Split(' ')[0].TrimEnd(',')).Where(w => w.Length > 0)];
    }

    private static Task<string> HelpAsync(string path) => Helps.GetOrAdd(path, async path =>
    {
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "LipSol.Cli.dll"));
        Assert.SkipUnless(File.Exists(program), $"{program} isn't built.");
        var start = new ProcessStartInfo("dotnet", [program, .. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]) { RedirectStandardOutput = true };
        start.Environment["COLUMNS"] = "300";
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return text.ReplaceLineEndings("\n");
    });

    // `./lipsol` anywhere; `lipsol` at the start of a line or of a code span.
    [GeneratedRegex(@"(\./lipsol|(?<=^|`)lipsol) +(?<arguments>[a-z][^`\n]*)", RegexOptions.Multiline)]
    private static partial Regex Mention();

    [GeneratedRegex(@"[^\s""()]+")]
    private static partial Regex Word();
}
