using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LipSol.Testing.Pages;

/// <summary>A tab of a real, headless Chromium with a fake webcam, spoken to by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/).</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo profile;
    private readonly Process process;
    private readonly ClientWebSocket socket;
    private readonly List<string> asked = [];
    private int lastId;

    private Browser(DirectoryInfo profile, Process process, ClientWebSocket socket)
    {
        this.profile = profile;
        this.process = process;
        this.socket = socket;
    }

    public static async Task<Browser> OpenAsync()
    {
        var program = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        if (program is null) Assert.Skip("Chromium isn't installed (Debian: apt-get install chromium).");
        var profile = Directory.CreateTempSubdirectory("lipsol-browser-");
        var process = Process.Start(new ProcessStartInfo(program,
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--remote-allow-origins=*", $"--user-data-dir={profile.FullName}",
            "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--no-first-run", "--hide-scrollbars", "about:blank",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        using var limit = new CancellationTokenSource(Patience);
        var said = new StringBuilder();
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            said.AppendLine(line);
            if (!line.StartsWith("DevTools listening on ws://", StringComparison.Ordinal)) continue;
            _ = process.StandardError.ReadToEndAsync(CancellationToken.None);
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var port = new Uri(line["DevTools listening on ".Length..]).Port;
            using var http = new HttpClient();
            var tabs = await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{port}/json/list", limit.Token);
            var tab = tabs!.First(t => t!["type"]!.GetValue<string>() == "page")!["webSocketDebuggerUrl"]!.GetValue<string>();
            var socket = new ClientWebSocket();
            await socket.ConnectAsync(new Uri(tab), limit.Token);
            var browser = new Browser(profile, process, socket);
            await browser.CallAsync("Network.enable", new { });
            return browser;
        }
        throw new InvalidOperationException($"Chromium ended:\n{said}");
    }

    /// <summary>What the page has asked for so far, from wherever, whether it came or not.</summary>
    public IReadOnlyList<string> Asked => asked;

    public async Task GoAsync(string url)
    {
        await CallAsync("Page.navigate", new { url });
        await WaitAsync("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// <summary>The value of a script, promises awaited.</summary>
    /// <param name="script">JavaScript.</param>
    /// <param name="seconds">The longest that it may take.</param>
    public async Task<JsonElement> EvaluateAsync(string script, int seconds = 0)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression = script, awaitPromise = true, returnByValue = true, userGesture = true }, TimeSpan.FromSeconds(seconds));
        if (answer.TryGetProperty("exceptionDetails", out var details)) throw new InvalidOperationException(details.GetRawText());
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Returns once a condition holds; the page is asked again and again.</summary>
    public async Task WaitAsync(string condition, int seconds = 60) => await EvaluateAsync(
        $"new Promise((done, fail) => {{ const t0 = Date.now(); const look = () => ({condition}) ? done(true) : Date.now() - t0 > {seconds * 1000} ? fail(new Error('never: ' + {JsonSerializer.Serialize(condition)} + ' ' + document.body.innerText)) : setTimeout(look, 20); look(); }})", seconds);

    public async Task ChooseFileAsync(string selector, string path)
    {
        var root = (await CallAsync("DOM.getDocument", new { })).GetProperty("root").GetProperty("nodeId").GetInt32();
        var node = (await CallAsync("DOM.querySelector", new { nodeId = root, selector })).GetProperty("nodeId").GetInt32();
        await CallAsync("DOM.setFileInputFiles", new { nodeId = node, files = new[] { path } });
    }

    /// <summary>Whether whoever looks prefers dark pages.</summary>
    public Task PreferAsync(bool dark) => CallAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = dark ? "dark" : "light" } } });

    /// <summary>A picture of the page, kept where LIPSOL_PICTURES names a folder.</summary>
    public async Task PictureAsync(string name, int width, bool dark)
    {
        if (Environment.GetEnvironmentVariable("LIPSOL_PICTURES") is not { Length: > 0 } folder) return;
        await PreferAsync(dark);
        await CallAsync("Emulation.setDeviceMetricsOverride", new { width, height = 900, deviceScaleFactor = 1, mobile = false });
        await EvaluateAsync("document.fonts.ready.then(() => true)");
        var png = await CallAsync("Page.captureScreenshot", new { format = "png", captureBeyondViewport = true });
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), png.GetProperty("data").GetBytesFromBase64());
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        // Its helpers may still write for a moment.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                profile.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 1200)
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task<JsonElement> CallAsync(string method, object parameters, TimeSpan longer = default)
    {
        using var limit = new CancellationTokenSource(Patience + longer);
        var id = ++lastId;
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, limit.Token);
        var buffer = new byte[1 << 16];
        while (true)
        {
            using var message = new MemoryStream();
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(), limit.Token);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            var answer = JsonDocument.Parse(message.ToArray()).RootElement;
            if (answer.TryGetProperty("method", out var happened) && happened.GetString() == "Network.requestWillBeSent") asked.Add(answer.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!);
            if (!answer.TryGetProperty("id", out var answered) || answered.GetInt32() != id) continue;
            return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.GetRawText());
        }
    }
}
