using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Tests.Programs;
using LipSol.Client;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Tests.Nodes;

/// <summary>What <c>lipsol up</c> takes is what the node takes.</summary>
public sealed partial class NodeOptionsTests : IDisposable
{
    private readonly TemporaryFolder scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Up_has_every_option_of_the_node_but_those_by_which_programs_hold_it()
    {
        var start = WorkerExecutable.StartInfo(WorkerExecutable.Locate("LipSol.Silo", "LIPSOL_SILO", "silo"), ["--help"]);
        start.RedirectStandardOutput = true;
        using var node = Process.Start(start)!;
        var known = Names(await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        var help = new StringWriter();
        Assert.Equal(0, await LipSolCommandLine.RunAsync(["up", "--help"], help, TextWriter.Null, TestContext.Current.CancellationToken));
        Assert.Equal(known.Except(["--attached", "--owned", "--version"]).Append("--json").Order(StringComparer.Ordinal), Names(help.ToString()));
        Assert.Contains("--keep-answers", known);
    }

    [Fact]
    public async Task What_is_given_to_up_holds_for_the_node()
    {
        scratch.Write("own.token", "0123456789abcdef0123456789abcdef"u8);
        await using var up = LipSolProgram.Start(scratch["data"], "up", "--port", "0", "--json", "--name", "of-options", "--label", "night", "--label", "a100", "--slots", "2",
            "--keep-answers", "0", "--max-upload-mb", "1", "--token-file", scratch["own.token"], "--device", "cpu", "--threads", "1", "--memory", "3GB");
        await up.WaitForOutputAsync(text => text.TrimEnd().EndsWith('}'));
        var file = NodeFile.Read(scratch["data"])!;
        Assert.Equal(scratch["own.token"], file.TokenFile);
        using var client = await LipSolClient.ConnectAsync(scratch["data"], TestContext.Current.CancellationToken);
        var node = await client.Nodes.GetAsync("of-options", TestContext.Current.CancellationToken);
        Assert.Equal(["a100", "night"], node.Labels);
        Assert.Equal(2, node.Slots.Count);

        using var http = new HttpClient { BaseAddress = new Uri(file.Url), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", file.ReadToken()) } };
        using var body = new ByteArrayContent(new byte[3 << 20]) { Headers = { ContentType = new("video/mp4") } };
        using var answer = await http.PostAsync("/api/v1/transcriptions", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("larger than the 1 MB", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("--keep-answers", "-1", "--keep-answers is a number of hours")]
    [InlineData("--max-upload-seconds", "0", "--max-upload-seconds have to be above 0")]
    [InlineData("--serve-wait-ms", "0", "--serve-wait-ms is 0. Give 1 to 30000.")]
    [InlineData("--device", "gpu", "Known are auto, cpu and cuda:0")]
    public async Task What_the_node_does_not_take_is_bad_input_in_its_words(string option, string value, string words) =>
        Assert.Contains(words, (await LipSolProgram.RunAsync(scratch["data"], "up", "--port", "0", option, value, "--json")).With(2).Document.GetProperty("error").GetString());

    private static IEnumerable<string> Names(string help) => OptionName().Matches(help).Select(m => m.Value).Where(n => n != "--help").Distinct().Order(StringComparer.Ordinal);

    // Where the help lists it: descriptions name options too.
    [GeneratedRegex(@"(?<=^\s+(-[\w?], )*)--[a-z-]+", RegexOptions.Multiline)]
    private static partial Regex OptionName();
}
