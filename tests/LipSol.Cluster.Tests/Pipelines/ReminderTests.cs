using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LipSol.Client;

namespace LipSol.Cluster.Tests.Pipelines;

/// <summary>A schedule that nobody but the node's own reminder looks at.</summary>
[Trait("Category", "Long")]
public sealed class ReminderTests
{
    private const string Secret = "a secret of thirty-two characters";

    // Due each minute: the first within one, and Orleans looks for reminders of a node that has just started within another.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task A_pipeline_runs_at_its_time_though_nobody_asks_for_it_also_on_a_node_that_was_killed()
    {
        using var folder = new TemporaryFolder();
        Recordings.Make(folder["recordings"]);
        using var hook = new Hook();
        var pipeline = new PipelineBuilder("each-minute").Schedule("* * * * *", "Asia/Karachi").Notify(hook.Url, "succeeded")
            .Prepare("clips", corpus: "drawn", layout: "folder", folder: folder["recordings"]);
        await using (var node = await NodeProcess.StartNotifyingAsync(folder["data"], Secret))
        {
            await node.Client.Pipelines.RegisterAsync(pipeline, TestContext.Current.CancellationToken);
            Assert.Equal(1, await hook.NextRunAsync());
            await node.KillAsync();
        }
        await using (var node = await NodeProcess.StartNotifyingAsync(folder["data"], Secret))
        {
            Assert.Equal(2, await hook.NextRunAsync());
            Assert.All((await node.Client.Pipelines.GetHistoryAsync("each-minute", cancellationToken: TestContext.Current.CancellationToken)).Entries, e => Assert.Equal("schedule", e.Trigger));
        }
    }

    /// <summary>Whoever is told of a pipeline's runs: checks the signature as docs/pipelines.md tells it.</summary>
    private sealed class Hook : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly HashSet<string> known = [];

        public Hook()
        {
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/hook/";
            free.Stop();
            listener.Prefixes.Add(Url);
            listener.Start();
        }

        public string Url { get; }

        /// <summary>The number of the run that the next notice tells of. One that comes again, since the node was killed before it had noted the answer, is passed over.</summary>
        public async Task<int> NextRunAsync()
        {
            while (true)
            {
                var call = await listener.GetContextAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);
                var body = await new StreamReader(call.Request.InputStream, Encoding.UTF8).ReadToEndAsync(TestContext.Current.CancellationToken);
                call.Response.StatusCode = (int)HttpStatusCode.NoContent;
                call.Response.Close();
                var signature = call.Request.Headers["LipSol-Signature"]!.Split(',');
                var signed = Encoding.UTF8.GetBytes($"{signature[0]["t=".Length..]}.{body}");
                Assert.Equal("v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), signed)), signature[1]);
                if (!known.Add(call.Request.Headers["LipSol-Notice"]!)) continue;
                using var notice = JsonDocument.Parse(body);
                Assert.Equal("each-minute", notice.RootElement.GetProperty("pipeline").GetString());
                return notice.RootElement.GetProperty("run").GetInt32();
            }
        }

        public void Dispose() => listener.Close();
    }
}
