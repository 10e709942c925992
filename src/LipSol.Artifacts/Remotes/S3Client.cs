using System.Net;
using System.Net.Sockets;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using LipSol.Artifacts.Dvc;

namespace LipSol.Artifacts.Remotes;

/// <summary>The connection to an S3 store, made from a remote's settings; and what its errors mean, in a line.</summary>
/// <remarks>Keys come from <c>config.local</c>, else from the profile, else from where the SDK looks: the environment, <c>~/.aws</c>, the machine's role. They are in no message.</remarks>
internal static class S3Client
{
    private const int MostRetries = 6;

    /// <exception cref="DvcException">The settings can't be used.</exception>
    public static AmazonS3Client Create(string name, IReadOnlyDictionary<string, string> settings)
    {
        string? Setting(string key) => settings.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
        bool Is(string key, bool otherwise) => Setting(key) is { } value ? value.Equals("true", StringComparison.OrdinalIgnoreCase) : otherwise;

        var endpoint = Setting("endpointurl") ?? Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL_S3") ?? Environment.GetEnvironmentVariable("AWS_ENDPOINT_URL");
        var region = Setting("region") ?? Environment.GetEnvironmentVariable("AWS_REGION") ?? Environment.GetEnvironmentVariable("AWS_DEFAULT_REGION");
        var config = new AmazonS3Config
        {
            // Stores that aren't AWS know no other checksums than MD5.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = MostRetries,
            RetryMode = RequestRetryMode.Standard,
            Timeout = TimeSpan.FromSeconds(int.TryParse(Setting("read_timeout"), out var seconds) ? seconds : 100),
        };
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint;
            config.ForcePathStyle = true;
            config.AuthenticationRegion = region ?? "us-east-1";
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region ?? "us-east-1");
        }
        if (!Is("ssl_verify", otherwise: true)) config.HttpClientFactory = new UnverifiedHttp();
        try
        {
            return Credentials(name, settings) is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
        }
        catch (Exception e) when (e is AmazonClientException or ArgumentException or UriFormatException)
        {
            throw new DvcException($"The remote {name} can't be used: {e.Message.Split('\n')[0]} Give access_key_id and secret_access_key in .dvc/config.local, a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", e);
        }
    }

    /// <summary>Whether requests aren't signed, since the store is open to all.</summary>
    public static bool IsAnonymous(IReadOnlyDictionary<string, string> settings) => settings.TryGetValue("allow_anonymous_login", out var anonymous) && anonymous.Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <summary>How long to wait before the next attempt: longer each time, with jitter.</summary>
    public static TimeSpan Backoff(int attempt) => TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * Math.Min(10_000, 200 << attempt));

    /// <summary>What an error means and what to do; null where it's none of the store's.</summary>
    public static DvcException? Explain(Exception error, string bucket, string name)
    {
        switch (error)
        {
            case AmazonS3Exception { ErrorCode: "NoSuchBucket" }: return new DvcException($"There is no bucket {bucket} at this store. Create it, or correct the remote's url in .dvc/config.", error);
            case AmazonS3Exception { ErrorCode: "NoSuchUpload" }: return new DvcException($"An upload to {name} was ended from elsewhere while it went on: by a rule of the bucket, or since a person withdrew. Push again.", error);
            case AmazonS3Exception { ErrorCode: "NoSuchKey" } or AmazonS3Exception { StatusCode: HttpStatusCode.NotFound }: return new DvcException($"A content isn't in {name}. Push it from where it is.", error);
            case AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" or "ExpiredToken" or "TokenRefreshRequired" }:
                return new DvcException($"The keys for {name} are wrong or have expired. Correct access_key_id and secret_access_key in .dvc/config.local (or the profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).", error);
            case AmazonS3Exception { ErrorCode: "AccessDenied" } or AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden }: return new DvcException($"{name} refuses these keys: wrong ones, or without the right to do this. Check access_key_id and secret_access_key, and the bucket's policy.", error);
            case AmazonS3Exception { ErrorCode: "BadDigest" or "InvalidDigest" or "XAmzContentSHA256Mismatch" }: return new DvcException($"What was sent to {name} arrived damaged, and the store refused it. Try again; if it stays so, the network or a proxy changes what passes.", error);
            case AmazonS3Exception { StatusCode: HttpStatusCode.ServiceUnavailable or HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests } busy:
                return new DvcException($"{name} answered {(int)busy.StatusCode} {busy.ErrorCode} {MostRetries + 1} times. Try again later, or with a smaller --jobs; what was sent or fetched whole isn't again.", error);
            case AmazonS3Exception other: return new DvcException($"{name} answered {(int)other.StatusCode} {other.ErrorCode}: {other.Message.Split('\n')[0]}", error);
        }
        for (var inner = error; inner is not null; inner = inner.InnerException)
            if (inner is HttpRequestException or SocketException or WebException) return new DvcException($"{name} can't be reached: {inner.Message.Split('\n')[0].TrimEnd('.')}. Check the network and the remote's endpointurl.", error);
        if (error is not (AmazonClientException or IOException)) return null;
        var message = error.Message.Split('\n')[0].TrimEnd('.');
        // What the SDK throws bears no code that would tell these apart.
        if (message.Contains("hash", StringComparison.OrdinalIgnoreCase)) return new DvcException($"What came from {name} is damaged: {message}. Try again; if it stays so, the network or a proxy changes what passes, or it was damaged before it was sent.", error);
        return new DvcException(message.Contains("credential", StringComparison.OrdinalIgnoreCase)
            ? $"{name} needs keys, and none were found. Give access_key_id and secret_access_key in .dvc/config.local, a profile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY." : $"{name}: {message}.", error);
    }

    private static AWSCredentials? Credentials(string name, IReadOnlyDictionary<string, string> settings)
    {
        if (IsAnonymous(settings)) return new AnonymousAWSCredentials();
        if (settings.TryGetValue("access_key_id", out var id))
        {
            if (!settings.TryGetValue("secret_access_key", out var secret)) throw DvcException.BadInput($"The remote {name} has an access_key_id and no secret_access_key. Write it into .dvc/config.local.");
            return settings.TryGetValue("session_token", out var token) ? new SessionAWSCredentials(id, secret, token) : new BasicAWSCredentials(id, secret);
        }
        settings.TryGetValue("credentialpath", out var file);
        if (!settings.TryGetValue("profile", out var profile) && file is null) return null;
        profile ??= "default";
        return new CredentialProfileStoreChain(file).TryGetAWSCredentials(profile, out var credentials) ? credentials
            : throw DvcException.BadInput($"The remote {name} names the profile {profile}, which isn't in {file ?? "~/.aws/credentials"}. Add it there, or name another one.");
    }

    // DVC's ssl_verify = false: asked for by name, of a store with a certificate of its own.
    private sealed class UnverifiedHttp : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator });
    }
}
