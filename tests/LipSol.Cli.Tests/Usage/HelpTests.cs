using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Usage;

public sealed class HelpTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    /// <summary>Every command, as it's typed; those that only group others too.</summary>
    public static TheoryData<string> Every => [.. Commands.All().Select(c => c.Path)];

    public void Dispose() => scratch.Dispose();

    [Theory]
    [MemberData(nameof(Every))]
    public async Task Help_of_every_command_is_no_error_and_has_an_example_that_is_a_command_line(string path)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var status = await LipSolCommandLine.RunAsync([.. path.Split(' '), "--help"], output, errors, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (status, errors.ToString()));
        var examples = output.ToString().ReplaceLineEndings("\n").Split("Example:\n", 2) is [_, var one] ? one : output.ToString().ReplaceLineEndings("\n").Split("Examples:\n", 2)[1];
        var lines = examples.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            Assert.StartsWith("lipsol " + path, line, StringComparison.Ordinal);
            Assert.Empty(LipSolCommandLine.Build().Parse(line["lipsol ".Length..]).Errors);
        });
        Assert.DoesNotContain("LipSol.Cli", output.ToString());
    }

    [Fact]
    public async Task The_program_itself_answers_help_and_its_version_on_stdout()
    {
        var help = await LipSolProgram.RunAsync(scratch["data"], "--help");
        Assert.Equal((0, ""), (help.Status, help.Errors));
        foreach (var command in (string[])["lipsol [command]", "demo", "up", "crop", "corpus", "train", "runs", "models", "evaluate", "transcribe", "notebook", "bench"]) Assert.Contains(command, help.Output);
        Assert.Matches(@"^\d+\.\d+\.\d+", (await LipSolProgram.RunAsync(scratch["data"], "--version")).With(0).Output);
        Assert.False(Directory.Exists(scratch["data"]), "asking makes no data folder");
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task A_command_line_that_is_none_ends_with_status_2_says_why_and_keeps_stdout_for_the_document(string path)
    {
        foreach (var json in (bool[])[false, true])
        {
            var (output, errors) = (new StringWriter(), new StringWriter());
            string[] arguments = [.. path.Split(' '), "--no-such-option", .. json ? new[] { "--json" } : []];
            Assert.Equal(2, await LipSolCommandLine.RunAsync(arguments, output, errors, TestContext.Current.CancellationToken));
            Assert.Contains($"lipsol {path}", errors.ToString());
            // What else is missing is said beside it, not in its place.
            Assert.Contains("--no-such-option", errors.ToString());
            if (json) Assert.Contains("--no-such-option", new Answer(2, output.ToString(), "").Document.GetProperty("error").GetString()!);
            else Assert.Equal("", output.ToString());
        }
    }

    [Fact]
    public async Task No_command_at_all_lists_them_with_status_2()
    {
        var nothing = await LipSolProgram.RunAsync(scratch["data"]);
        Assert.Equal((2, ""), (nothing.Status, nothing.Output));
        Assert.Contains("lipsol corpus", nothing.Errors);
    }
}

/// <summary>The commands there are, read from the program.</summary>
internal static class Commands
{
    public static IEnumerable<(string Path, Command Command)> All() => Below("", LipSolCommandLine.Build());

    /// <summary>Those that do something.</summary>
    public static IEnumerable<string> Leaves() => All().Where(c => c.Command.Subcommands.Count == 0).Select(c => c.Path);

    private static IEnumerable<(string, Command)> Below(string path, Command command) =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(c => Below($"{path} {c.Name}".Trim(), c).Prepend(($"{path} {c.Name}".Trim(), c)));
}
