using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace LipSol.Client;

/// <summary>Sends requests to one node and turns whatever goes wrong into a <see cref="LipSolException"/>.</summary>
internal sealed class NodeConnection : IDisposable
{
    private readonly HttpClient http;

    public NodeConnection(Uri url, string? token, HttpMessageHandler? handler, bool ownsHandler = false)
    {
        // A plain handler keeps the certificate checks and proxies of the system; the caller's own is disposed by the caller.
        http = handler is null ? new HttpClient() : new HttpClient(handler, disposeHandler: ownsHandler);
        http.BaseAddress = url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");
        // Uploads, evaluations and live streams may take long: cancellation tokens bound them, not a timeout that fits none of them.
        http.Timeout = Timeout.InfiniteTimeSpan;
        Token = token;
        if (token is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("LipSol.Client", typeof(NodeConnection).Assembly.GetName().Version?.ToString(3)));
    }

    public Uri Url => http.BaseAddress!;

    /// <summary>For connections that aren't requests.</summary>
    public string? Token { get; }

    /// <summary>What sends the requests, for connections that begin as one: they go the same way, and believe whom the requests believe.</summary>
    public HttpMessageInvoker Invoker => http;

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        ReceiveAsync<T>(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    public Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellationToken) =>
        ReceiveAsync<T>(new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : Json(body) }, cancellationToken);

    public Task<T> PutAsync<T>(string path, object body, CancellationToken cancellationToken) =>
        ReceiveAsync<T>(new HttpRequestMessage(HttpMethod.Put, path) { Content = Json(body) }, cancellationToken);

    public async Task<byte[]> GetBytesAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken).ConfigureAwait(false);
        return await GuardAsync(() => response.Content.ReadAsByteArrayAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies an answer's bytes without holding them in memory.</summary>
    public async Task DownloadAsync(string path, Stream destination, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken).ConfigureAwait(false);
        using var source = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var observed = new ObservedStream(source, response.Content.Headers.ContentLength, progress);
        var buffer = new byte[1 << 17];
        // Only reading is the node's doing: where the destination can't be written, that is said as it is.
        for (int read; (read = await GuardAsync(() => observed.ReadAsync(buffer, 0, buffer.Length, cancellationToken), cancellationToken).ConfigureAwait(false)) > 0;)
            await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
    }

    public async Task<string> GetTextAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await GuardAsync(() => response.Content.ReadAsStringAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    public async Task<T> ReceiveAsync<T>(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return await GuardAsync(async () =>
            await response.Content.ReadFromJsonAsync<T>(LipSolJson.Options, cancellationToken).ConfigureAwait(false)
            ?? throw new JsonException("The answer is empty."), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends and returns once the headers of a good answer are here; the caller disposes the response.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            var response = await GuardAsync(() => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return response;
            using (response) throw await ToExceptionAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Why no answer came, and what to do.</summary>
    /// <param name="e">What was thrown in place of one, by itself or within another exception.</param>
    public LipSolException Unanswered(Exception e) => (e as HttpRequestException ?? e.InnerException as HttpRequestException)?.HttpRequestError == HttpRequestError.SecureConnectionError
        ? new LipSolException(
            $"The certificate of {Url} isn't believed here, or no HTTPS is spoken there ({Innermost(e).Message}). Set {ServerTrust.Variable} to a file (PEM) with the certificate of who issued it, or have the system's store know it; see that its name is the one in the address.", reason: "untrusted", inner: e)
        : new LipSolUnreachableException(
            $"No LipSol node answers at {Url} ({Innermost(e).Message}). Start one with `lipsol up`, or set LIPSOL_URL to the address of the node you mean.", e);

    public void Dispose() => http.Dispose();

    private static JsonContent Json(object body) => JsonContent.Create(body, body.GetType(), options: LipSolJson.Options);

    private async Task<T> GuardAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            throw Unanswered(e);
        }
        catch (JsonException e)
        {
            throw new LipSolException(
                $"{Url} answered with something that isn't a LipSol message ({e.Message}). Is it a LipSol node, and of the same version as this client?", inner: e);
        }
    }

    private async Task<LipSolException> ToExceptionAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Problem? problem = null;
        try
        {
            problem = await response.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or HttpRequestException or IOException or InvalidOperationException)
        {
            // Not a problem document (a proxy's page, say): the status line has to do.
        }
        var message = problem?.Detail ?? problem?.Title ?? $"{Url} answered {(int)response.StatusCode} {response.ReasonPhrase}.";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new LipSolUnauthorizedException(message),
            HttpStatusCode.NotFound => new LipSolNotFoundException(message, problem?.Reason),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable =>
                new LipSolOverloadedException(message, response.StatusCode, response.Headers.RetryAfter?.Delta),
            >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError => new LipSolRefusedException(message, response.StatusCode, problem?.Reason),
            _ => new LipSolException(message, response.StatusCode, problem?.Reason),
        };
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
