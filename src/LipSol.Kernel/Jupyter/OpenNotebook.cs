using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LipSol.Kernel.Jupyter;

/// <summary>
/// Which notebook a kernel runs, as far as its front end tells. Jupyter's server names it in <c>JPY_SESSION_NAME</c> since version 2 (https://github.com/jupyter-server/jupyter_server/pull/1100); of an older one
/// the list of sessions tells (https://jupyter-server.readthedocs.io/en/latest/developers/rest-api.html), whose address and token lie in a file beside the connection file.
/// </summary>
internal sealed partial class OpenNotebook(string? connectionFile)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private int _attempts = 3;

    /// <summary>Its path; null where nobody tells. Asks a few times at most: a session begins a moment after its kernel.</summary>
    public async Task<string?> FindAsync()
    {
        if (Environment.GetEnvironmentVariable("JPY_SESSION_NAME") is { Length: > 0 } named) return named;
        if (connectionFile is null || _attempts-- <= 0 || Kernel().Match(Path.GetFileName(connectionFile)) is not { Success: true } kernel || Server(connectionFile) is not { } server) return null;
        try
        {
            using var http = new HttpClient { Timeout = Patience };
            using var request = new HttpRequestMessage(HttpMethod.Get, server["url"] + "api/sessions");
            request.Headers.Authorization = new AuthenticationHeaderValue("token", server["token"]?.ToString());
            using var answer = await http.SendAsync(request);
            var sessions = JsonNode.Parse(await answer.Content.ReadAsStringAsync()) as JsonArray ?? [];
            var session = sessions.FirstOrDefault(s => s?["kernel"]?["id"]?.ToString() == kernel.Groups["id"].Value);
            return session is null ? null : Path.Combine((server["root_dir"] ?? server["notebook_dir"])?.ToString() ?? "", session["path"]?.ToString() ?? "");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or UriFormatException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static JsonNode? Server(string connectionFile)
    {
        var parent = Environment.GetEnvironmentVariable("JPY_PARENT_PID");
        foreach (var file in new[] { $"jpserver-{parent}.json", $"nbserver-{parent}.json" })
        {
            try
            {
                return JsonNode.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(connectionFile))!, file)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                // Another front end's, or none.
            }
        }

        return null;
    }

    [GeneratedRegex(@"^kernel-(?<id>[0-9A-Fa-f-]+)\.json$")]
    private static partial Regex Kernel();
}
