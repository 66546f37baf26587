# Where a link may lead: to a page of the app, or out of it to the web, a mail, a call, a map. Nowhere else.
.class final Lorg/kiln/shell/Links;
.super Landroid/webkit/WebViewClient;
.source "Links.smali"

.field private final activity:Lorg/kiln/shell/EventActivity;


.method constructor <init>(Lorg/kiln/shell/EventActivity;)V
    .registers 2
    invoke-direct {p0}, Landroid/webkit/WebViewClient;-><init>()V
    iput-object p1, p0, Lorg/kiln/shell/Links;->activity:Lorg/kiln/shell/EventActivity;
    return-void
.end method

# True keeps the web view where it is. Newer systems ask another method, whose own answer is to ask this one.
.method public shouldOverrideUrlLoading(Landroid/webkit/WebView;Ljava/lang/String;)Z
    .registers 6
    const-string v0, "file:///android_asset/site/"
    invoke-virtual {p2, v0}, Ljava/lang/String;->startsWith(Ljava/lang/String;)Z
    move-result v0
    if-eqz v0, :elsewhere
    const/4 v0, 0x0
    return v0
    :elsewhere
    invoke-static {p2}, Landroid/net/Uri;->parse(Ljava/lang/String;)Landroid/net/Uri;
    move-result-object v0
    invoke-virtual {v0}, Landroid/net/Uri;->normalizeScheme()Landroid/net/Uri;
    move-result-object v0
    invoke-virtual {v0}, Landroid/net/Uri;->getScheme()Ljava/lang/String;
    move-result-object v1
    if-eqz v1, :refused
    const-string v2, "https?|mailto|tel|geo"
    invoke-virtual {v1, v2}, Ljava/lang/String;->matches(Ljava/lang/String;)Z
    move-result v1
    if-eqz v1, :refused
    iget-object v1, p0, Lorg/kiln/shell/Links;->activity:Lorg/kiln/shell/EventActivity;
    invoke-virtual {v1, v0}, Lorg/kiln/shell/EventActivity;->leave(Landroid/net/Uri;)V
    :refused
    const/4 v0, 0x1
    return v0
.end method

.method public onPageFinished(Landroid/webkit/WebView;Ljava/lang/String;)V
    .registers 4
    iget-object v0, p0, Lorg/kiln/shell/Links;->activity:Lorg/kiln/shell/EventActivity;
    invoke-virtual {v0}, Lorg/kiln/shell/EventActivity;->uncover()V
    return-void
.end method
