using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using LipSol.Grains.Ports;
using LipSol.Silo.Node;

namespace LipSol.Silo.Pipelines;

/// <summary>
/// Sends notices, each signed: <c>LipSol-Signature: t=SECONDS,v1=HEX</c>, where HEX is HMAC-SHA256 with the node's secret over <c>SECONDS.BODY</c>. Who gets one computes the same, compares, and
/// turns away what is older than some minutes; <c>LipSol-Notice</c> is the same for each attempt.
/// </summary>
internal sealed class NoticeSender : INoticeSender, IDisposable
{
    /// <summary>Where the secret is taken from: it has no place in a file, nor in a list of processes.</summary>
    public const string SecretVariable = "LIPSOL_WEBHOOK_SECRET";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private readonly byte[]? secret;
    private readonly TimeProvider time;
    // No other address is gone on to: what is signed goes where the pipeline says, or nowhere.
    private readonly HttpClient http;

    public NoticeSender(string? secret, TimeProvider time, HttpMessageHandler? handler = null)
    {
        this.secret = secret is null ? null : Encoding.UTF8.GetBytes(secret);
        this.time = time;
        http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Longest };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("LipSol", NodeVersion.Text.Split('+')[0]));
    }

    public string? CannotSend => secret is null ? $"it has no secret to sign them with. Start every node with {SecretVariable} set (`openssl rand -hex 32` makes one), and give it to those who get the notices." : null;

    public async Task SendAsync(string id, string url, string body, CancellationToken cancellationToken)
    {
        if (secret is null) throw new NoticeFailedException($"This node can't send it: {CannotSend}", again: true);
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("LipSol-Signature", string.Create(CultureInfo.InvariantCulture, $"t={seconds},v1={Sign(secret, seconds, body)}"));
        request.Headers.Add("LipSol-Notice", Uri.EscapeDataString(id));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode) return;
            var status = (int)response.StatusCode;
            throw new NoticeFailedException(string.Create(CultureInfo.InvariantCulture, $"It answered {status} {response.ReasonPhrase}."), again: status >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);
        }
        catch (HttpRequestException e)
        {
            throw new NoticeFailedException($"It can't be reached: {e.Message}", again: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NoticeFailedException($"It didn't answer within {Longest.TotalSeconds:0} s.", again: true);
        }
    }

    internal static string Sign(byte[] secret, long seconds, string body) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seconds}.{body}"))));

    public void Dispose() => http.Dispose();
}
