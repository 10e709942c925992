using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using LipSol.Client;
using LipSol.Clips;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Testing.Cluster.Processes;

namespace LipSol.Silo.Tests.Telemetry;

/// <summary>What Prometheus gets.</summary>
public sealed partial class MetricsTests(NodeFixture fixture)
{
    [Fact]
    public async Task Prometheus_gets_our_own_metrics_with_a_token_that_may_read()
    {
        using (var anonymous = await fixture.Node.Http.GetAsync("/metrics")) Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        var token = (await fixture.Client.Tokens.CreateAsync(new CreateToken { Name = "prometheus", Role = TokenRole.Read })).Token;
        await fixture.Client.Transcriptions.TranscribeAsync(new MemoryStream(MouthClipFile.ToBytes(BrightnessModel.Clip(250))), "clip.npz");
        await fixture.Client.GetNodeAsync();

        var text = await ScrapeAsync(token);
        foreach (var name in (string[])["lipsol_requests_total", "lipsol_stage_duration_seconds_bucket", "lipsol_reading_batch_size_count", "lipsol_reading_active", "lipsol_run_changes_total", "dotnet_gc_collections_total"])
            Assert.True(Regex.IsMatch(text, "^" + name, RegexOptions.Multiline), $"{name} is missing in\n{text}");
        Assert.Contains("stage=\"network\"", text);
        Assert.Contains("status=\"completed\"", text);
        Assert.DoesNotContain("نہیں", text);
        Assert.DoesNotContain("prometheus\"", text);
    }

    /// <summary>A node in a process of its own: where several are in one, as in these tests, each that ends takes the others' metrics of the same names along.</summary>
    [Fact]
    public async Task It_gets_those_of_the_cluster_of_orleans_and_of_the_server_too()
    {
        using var folder = new TemporaryFolder();
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "LipSol.Silo", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "LipSol.Silo.dll"));
        using var node = Process.Start(new ProcessStartInfo("dotnet", [program, "--data", folder.Path, "--port", "0", "--attached"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var file = await Eventually.FindAsync("node", TimeSpan.FromMinutes(1), () => Task.FromResult(NodeFile.Read(folder.Path)));
            using var http = new HttpClient { BaseAddress = new Uri(file.Url) };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", file.ReadToken());
            string[] due = ["lipsol_runs", "lipsol_slots", "orleans_", "http_server_request_duration_seconds_count", "kestrel_active_connections"];
            await Eventually.FindAsync(string.Join(", ", due), TimeSpan.FromSeconds(60), async () => await http.GetStringAsync("/metrics") is var text && due.All(name => Regex.IsMatch(text, "^" + name, RegexOptions.Multiline)) ? text : null);
        }
        finally
        {
            node.StandardInput.Close();
            await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_request_is_counted_by_its_endpoint_its_outcome_and_why_it_was_refused()
    {
        var token = (await fixture.Client.Tokens.CreateAsync(new CreateToken { Name = "counted", Role = TokenRole.Read })).Token;
        string[] due =
        [
            """http_route="/api/v1/models/{name}",outcome="refused",reason="not-found" """.TrimEnd(),
            """http_route="/api/v1/runs",outcome="refused",reason="forbidden" """.TrimEnd(),
            """http_route="other",outcome="refused",reason="unauthorized" """.TrimEnd(),
        ];
        var before = await ScrapeAsync(token);
        await Assert.ThrowsAsync<LipSolNotFoundException>(() => fixture.Client.Models.GetAsync("of-nobody"));
        using var reader = new LipSolClient(new Uri(fixture.Node.Url), token);
        await Assert.ThrowsAsync<LipSolRefusedException>(() => reader.Runs.StartAsync(new StartRun { Network = "x", Corpus = "y" }));
        await fixture.Node.Http.GetAsync("/");
        // An answer is counted once it's sent, which may be a moment after it arrives.
        foreach (var labels in due)
            await Eventually.FindAsync($"request counted as {labels}", TimeSpan.FromSeconds(60), async () => await ScrapeAsync(token) is var after && Count(after, labels) > Count(before, labels) ? after : null);
    }

    private static double Count(string text, string labels) =>
        text.Split('\n').Where(l => l.StartsWith("lipsol_requests_total{", StringComparison.Ordinal) && l.Contains(labels, StringComparison.Ordinal)).Sum(l => double.Parse(Value().Match(l).Groups[1].Value, CultureInfo.InvariantCulture));

    private async Task<string> ScrapeAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await fixture.Node.Http.SendAsync(request);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    [GeneratedRegex(@"\} ([0-9.e+]+)")]
    private static partial Regex Value();
}
