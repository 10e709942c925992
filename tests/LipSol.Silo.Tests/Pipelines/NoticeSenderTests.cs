using System.Net;
using System.Security.Cryptography;
using System.Text;
using LipSol.Grains.Ports;
using LipSol.Silo.Pipelines;
using Microsoft.Extensions.Time.Testing;

namespace LipSol.Silo.Tests.Pipelines;

public sealed class NoticeSenderTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task A_notice_is_signed_so_that_who_has_the_secret_can_tell()
    {
        var receiver = new Receiver(HttpStatusCode.NoContent);
        using var sender = Sender(receiver);
        await sender.SendAsync("روز/1/0/failed/0", "https://team.example/hook", """{"note":"ناکام"}""", TestContext.Current.CancellationToken);
        Assert.Equal("t=1764379800,v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes("""1764379800.{"note":"ناکام"}"""))), receiver.Signature);
        Assert.Equal("روز/1/0/failed/0", Uri.UnescapeDataString(receiver.Notice!));
        Assert.Equal("""{"note":"ناکام"}""", receiver.Body);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, true)]
    [InlineData(HttpStatusCode.TooManyRequests, true)]
    [InlineData(HttpStatusCode.NotFound, false)]
    [InlineData(HttpStatusCode.Found, false)]
    public async Task What_may_pass_is_tried_again_and_nothing_else(HttpStatusCode status, bool again)
    {
        using var sender = Sender(new Receiver(status));
        var failed = await Assert.ThrowsAsync<NoticeFailedException>(() => sender.SendAsync("x", "https://team.example/hook", "{}", TestContext.Current.CancellationToken));
        Assert.Equal(again, failed.Again);
        Assert.Contains($"{(int)status}", failed.Message);
    }

    [Fact]
    public async Task Nobody_there_is_tried_again_and_without_a_secret_nothing_is_sent()
    {
        using var sender = Sender(new Receiver(null));
        Assert.True((await Assert.ThrowsAsync<NoticeFailedException>(() => sender.SendAsync("x", "https://team.example/hook", "{}", TestContext.Current.CancellationToken))).Again);
        Assert.Null(sender.CannotSend);
        using var without = new NoticeSender(null, TimeProvider.System);
        Assert.Contains("LIPSOL_WEBHOOK_SECRET", without.CannotSend);
    }

    private static NoticeSender Sender(Receiver receiver) => new(Secret, new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1764379800)), receiver);

    private sealed class Receiver(HttpStatusCode? status) : HttpMessageHandler
    {
        public string? Signature { get; private set; }
        public string? Notice { get; private set; }
        public string? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (status is not { } answered) throw new HttpRequestException("Connection refused.");
            (Signature, Notice, Body) = (request.Headers.GetValues("LipSol-Signature").Single(), request.Headers.GetValues("LipSol-Notice").Single(), await request.Content!.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage(answered);
        }
    }
}
